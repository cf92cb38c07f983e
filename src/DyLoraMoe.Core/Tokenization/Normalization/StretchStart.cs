namespace DyLoraMoe.Core.Tokenization.Normalization;

/// <summary>What comes before a stretch of text.</summary>
internal enum StretchStart
{
    /// <summary>Nothing: it begins a text.</summary>
    Text,

    /// <summary>An added token.</summary>
    AddedToken,

    /// <summary>Other text, which it continues.</summary>
    Continuation,
}
