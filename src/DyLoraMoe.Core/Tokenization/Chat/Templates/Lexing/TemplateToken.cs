namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;

/// <summary>A piece of a template's source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">How it reads; of a quoted text, what it means.</param>
/// <param name="Line">Where it begins.</param>
internal readonly record struct TemplateToken(LexemeKind Kind, string Text, int Line)
{
    /// <summary>How a complaint calls it.</summary>
    public string Description => Kind switch
    {
        LexemeKind.End => "the end of the template",
        LexemeKind.Data => "text",
        LexemeKind.Quoted => $"the text '{Text}'",
        _ => $"'{Text}'",
    };
}
