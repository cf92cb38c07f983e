namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>What a template does.</summary>
/// <param name="line">Where it stands.</param>
internal abstract class Statement(int line)
{
    public Flow Execute(Scope scope)
    {
        scope.Run.Step(line);
        return Run(scope);
    }

    protected abstract Flow Run(Scope scope);
}
