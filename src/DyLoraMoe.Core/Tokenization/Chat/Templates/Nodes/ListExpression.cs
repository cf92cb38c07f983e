using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A list or a tuple.</summary>
internal sealed class ListExpression(int line, IReadOnlyList<Expression> items, bool isTuple) : Expression(line)
{
    protected override Value Compute(Scope scope) => scope.Run.Made(new ListValue([.. items.Select(item => item.Evaluate(scope))], isTuple));
}
