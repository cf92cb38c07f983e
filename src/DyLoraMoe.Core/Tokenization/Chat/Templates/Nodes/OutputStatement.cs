using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Writes a value.</summary>
internal sealed class OutputStatement(int line, Expression value) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        scope.Output.Append((TextValue)scope.Run.Made(value.Evaluate(scope).ToText()));
        return Flow.Next;
    }
}
