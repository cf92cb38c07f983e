using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>What a value comes from.</summary>
/// <param name="line">Where it stands.</param>
internal abstract class Expression(int line)
{
    public int Line => line;

    public Value Evaluate(Scope scope)
    {
        scope.Run.Step(line);
        return Compute(scope);
    }

    protected abstract Value Compute(Scope scope);
}
