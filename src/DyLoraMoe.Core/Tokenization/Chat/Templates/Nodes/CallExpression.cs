using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A call of a function, a method or a macro.</summary>
internal sealed class CallExpression(int line, Expression callee, ArgumentList arguments) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var function = callee.Evaluate(scope);
        return scope.Run.Made(function.Call(arguments.Evaluate(function.Kind, scope), scope));
    }
}
