namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>The first branch whose condition holds; what it sets stays, for it has no scope of its own.</summary>
internal sealed class IfStatement(int line, IReadOnlyList<(Expression Condition, Statement Body)> branches, Statement? otherwise) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        foreach (var (condition, body) in branches)
        {
            if (condition.Evaluate(scope).IsTrue)
            {
                return body.Execute(scope);
            }
        }

        return otherwise?.Execute(scope) ?? Flow.Next;
    }
}
