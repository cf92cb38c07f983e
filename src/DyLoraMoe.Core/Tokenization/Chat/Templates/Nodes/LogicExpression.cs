using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>And, or or: the first value that decides, or the last.</summary>
internal sealed class LogicExpression(int line, IReadOnlyList<Expression> parts, bool isAnd) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var value = parts[0].Evaluate(scope);
        for (var i = 1; i < parts.Count && value.IsTrue == isAnd; i++)
        {
            value = parts[i].Evaluate(scope);
        }

        return value;
    }
}
