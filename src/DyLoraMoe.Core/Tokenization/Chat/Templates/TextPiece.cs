namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>A stretch of a rendered conversation by one author.</summary>
/// <param name="Text">The text.</param>
/// <param name="Origin">Who wrote it.</param>
internal readonly record struct TextPiece(string Text, TextOrigin Origin);
