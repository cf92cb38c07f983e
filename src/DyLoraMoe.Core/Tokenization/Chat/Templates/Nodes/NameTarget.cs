using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A name of the scope.</summary>
internal sealed class NameTarget(string name) : AssignmentTarget
{
    public override void Assign(Value value, Scope scope) => scope.Set(name, value);
}
