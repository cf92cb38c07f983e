using DyLoraMoe.Core.Tokenization.Chat.Templates.Tests;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Whether a value is something.</summary>
internal sealed class TestExpression(int line, Expression input, string name, TestFunction test, ArgumentList arguments, bool isNegated) : Expression(line)
{
    protected override Value Compute(Scope scope)
        => BooleanValue.Of(test(input.Evaluate(scope), arguments.Evaluate($"the test '{name}'", scope)) != isNegated);
}
