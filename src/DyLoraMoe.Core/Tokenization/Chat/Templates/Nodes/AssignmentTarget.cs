using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>What can be set.</summary>
internal abstract class AssignmentTarget
{
    public abstract void Assign(Value value, Scope scope);
}
