namespace Microsoft.ML.Tokenizers;

/// <summary>Lower-cases a text by the invariant culture.</summary>
public sealed class LowerCaseNormalizer : Normalizer
{
    /// <summary>Makes a normalizer.</summary>
    public LowerCaseNormalizer()
    {
    }

    /// <summary>A shared instance.</summary>
    public static LowerCaseNormalizer Instance { get; } = new();

    /// <inheritdoc />
    public override string Normalize(string original) => original.ToLowerInvariant();

    /// <inheritdoc />
    public override string Normalize(ReadOnlySpan<char> original) => original.ToString().ToLowerInvariant();
}
