using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>What statements write, as a value.</summary>
internal sealed class CapturedExpression(int line, Statement body) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        TextBuilder output = new();
        body.Execute(scope.Inner(output));
        return scope.Run.Made(output.ToText());
    }
}
