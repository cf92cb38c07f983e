using DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A value sent through a filter.</summary>
internal sealed class FilterExpression(int line, Expression input, string name, FilterFunction filter, ArgumentList arguments) : Expression(line)
{
    protected override Value Compute(Scope scope) => Apply(input.Evaluate(scope), scope);

    private Value Apply(Value value, Scope scope) => scope.Run.Made(filter(value, arguments.Evaluate($"the filter '{name}'", scope)));
}
