namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Text between tags.</summary>
internal sealed class DataStatement(int line, string text) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        scope.Output.Append(text, TextOrigin.Template);
        return Flow.Next;
    }
}
