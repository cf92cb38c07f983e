using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A part of a list or a text.</summary>
internal sealed class SliceExpression(int line, Expression target, Expression? start, Expression? stop, Expression? step) : Expression(line)
{
    protected override Value Compute(Scope scope)
        => scope.Run.Made(Slicing.Slice(target.Evaluate(scope), Bound(start, scope), Bound(stop, scope), Bound(step, scope)));

    private static long? Bound(Expression? bound, Scope scope) => bound?.Evaluate(scope) switch
    {
        null or NoneValue => null,
        var value => Numbers.Whole(value) ?? throw new TemplateError($"A slice has {value.Kind} as a bound; expected a whole number."),
    };
}
