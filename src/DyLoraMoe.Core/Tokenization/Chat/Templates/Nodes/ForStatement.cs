using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A loop. Each turn has a scope of its own, so what it sets is gone in the next.</summary>
internal sealed class ForStatement(int line, AssignmentTarget target, Expression items, Expression? condition, Statement body, Statement? otherwise) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        var chosen = Chosen(items.Evaluate(scope).Items(), scope);
        if (chosen.Count == 0)
        {
            return otherwise?.Execute(scope.Inner()) ?? Flow.Next;
        }

        LoopValue loop = new(chosen);
        for (; loop.Index < chosen.Count; loop.Index++)
        {
            var turn = scope.Inner();
            turn.Set("loop", loop);
            target.Assign(chosen[loop.Index], turn);
            if (body.Execute(turn) == Flow.Break)
            {
                break;
            }
        }

        return Flow.Next;
    }

    private IReadOnlyList<Value> Chosen(IReadOnlyList<Value> all, Scope scope) => condition is null ? all : [.. all.Where(item =>
    {
        var inner = scope.Inner();
        target.Assign(item, inner);
        return condition.Evaluate(inner).IsTrue;
    })];
}
