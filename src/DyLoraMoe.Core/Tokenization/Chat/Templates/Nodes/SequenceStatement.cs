namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Statements one after the other.</summary>
internal sealed class SequenceStatement(int line, IReadOnlyList<Statement> statements) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        foreach (var statement in statements)
        {
            if (statement.Execute(scope) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }
}
