using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A value written as it is.</summary>
internal sealed class LiteralExpression(int line, Value value) : Expression(line)
{
    public Value Value => value;

    protected override Value Compute(Scope scope) => value;
}
