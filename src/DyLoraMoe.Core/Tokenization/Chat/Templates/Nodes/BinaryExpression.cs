using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Arithmetic on two values.</summary>
internal sealed class BinaryExpression(int line, Expression left, Func<Value, Value, Value> operation, Expression right) : Expression(line)
{
    protected override Value Compute(Scope scope) => scope.Run.Made(operation(left.Evaluate(scope), right.Evaluate(scope)));
}
