namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A stretch of a text by one author; it begins where the one before ends.</summary>
/// <param name="End">Where it ends.</param>
/// <param name="Origin">Who wrote it.</param>
internal readonly record struct TextRun(int End, TextOrigin Origin);
