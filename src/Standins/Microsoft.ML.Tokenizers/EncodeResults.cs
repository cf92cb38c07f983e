namespace Microsoft.ML.Tokenizers;

/// <summary>What an encoding call produced.</summary>
/// <typeparam name="T">Ids or tokens.</typeparam>
public struct EncodeResults<T>
{
    /// <summary>The ids or tokens.</summary>
    public IReadOnlyList<T> Tokens { get; set; }

    /// <summary>The text that was encoded, or null when no normalizer ran.</summary>
    public string? NormalizedText { get; set; }

    /// <summary>How many characters of the (normalized) text the tokens cover.</summary>
    public int CharsConsumed { get; set; }
}
