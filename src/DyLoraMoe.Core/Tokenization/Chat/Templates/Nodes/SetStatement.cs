namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Sets a name to a value.</summary>
internal sealed class SetStatement(int line, AssignmentTarget target, Expression value) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        target.Assign(value.Evaluate(scope), scope);
        return Flow.Next;
    }
}
