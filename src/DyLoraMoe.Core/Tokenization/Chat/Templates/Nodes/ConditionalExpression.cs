using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>One value or another; without another, nothing.</summary>
internal sealed class ConditionalExpression(int line, Expression condition, Expression value, Expression? otherwise) : Expression(line)
{
    protected override Value Compute(Scope scope) => condition.Evaluate(scope).IsTrue
        ? value.Evaluate(scope)
        : otherwise?.Evaluate(scope) ?? new UndefinedValue("An inline 'if' without an 'else' gave no value");
}
