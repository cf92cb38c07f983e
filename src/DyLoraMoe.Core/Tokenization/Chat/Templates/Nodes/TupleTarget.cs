using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Several targets, each of which gets one item.</summary>
internal sealed class TupleTarget(IReadOnlyList<AssignmentTarget> targets) : AssignmentTarget
{
    public override void Assign(Value value, Scope scope)
    {
        var items = value.Items();
        if (items.Count != targets.Count)
        {
            throw new TemplateError($"{items.Count} items cannot be taken apart into {targets.Count} names.");
        }

        for (var i = 0; i < targets.Count; i++)
        {
            targets[i].Assign(items[i], scope);
        }
    }
}
