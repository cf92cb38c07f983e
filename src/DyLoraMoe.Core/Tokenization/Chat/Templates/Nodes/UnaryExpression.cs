using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A sign or a <c>not</c> before a value.</summary>
internal sealed class UnaryExpression(int line, Expression operand, Func<Value, Value> operation) : Expression(line)
{
    protected override Value Compute(Scope scope) => operation(operand.Evaluate(scope));
}
