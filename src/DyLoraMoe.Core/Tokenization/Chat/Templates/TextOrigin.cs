namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>Who wrote a stretch of text; decides what it may become.</summary>
internal enum TextOrigin
{
    /// <summary>The template: its markers become tokens.</summary>
    Template,

    /// <summary>An earlier answer: no special token, but the marks within answers that the template knows, such as <c>&lt;think&gt;</c>.</summary>
    Answer,

    /// <summary>Somebody outside: plain text, whatever it looks like.</summary>
    Outside,
}
