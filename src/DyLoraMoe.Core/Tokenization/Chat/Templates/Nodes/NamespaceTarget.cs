using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>An attribute of a namespace.</summary>
internal sealed class NamespaceTarget(string name, string attribute) : AssignmentTarget
{
    public override void Assign(Value value, Scope scope)
    {
        if (scope.Find(name) is not NamespaceValue target)
        {
            throw new TemplateError($"'{name}.{attribute}' cannot be set: '{name}' is {scope.Find(name).Kind}, expected a namespace.");
        }

        target.Set(attribute, value);
    }
}
