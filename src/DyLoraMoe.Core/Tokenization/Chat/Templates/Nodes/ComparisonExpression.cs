using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A chain of comparisons, each of which must hold.</summary>
internal sealed class ComparisonExpression(int line, Expression first, IReadOnlyList<(Func<Value, Value, bool> Holds, Expression Value)> others) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var left = first.Evaluate(scope);
        foreach (var (holds, other) in others)
        {
            var right = other.Evaluate(scope);
            if (!holds(left, right))
            {
                return BooleanValue.False;
            }

            left = right;
        }

        return BooleanValue.True;
    }
}
