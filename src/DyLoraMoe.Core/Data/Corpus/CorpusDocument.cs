namespace DyLoraMoe.Core.Data.Corpus;

/// <summary>A document of the corpus.</summary>
/// <param name="Index">Its number; with the seed, all that it is made from.</param>
/// <param name="Family">Name of the family that wrote it.</param>
/// <param name="Text">The text.</param>
public sealed record CorpusDocument(long Index, string Family, string Text);
