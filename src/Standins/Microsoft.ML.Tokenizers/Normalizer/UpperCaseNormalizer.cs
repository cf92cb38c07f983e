namespace Microsoft.ML.Tokenizers;

/// <summary>Upper-cases a text by the invariant culture.</summary>
public sealed class UpperCaseNormalizer : Normalizer
{
    /// <summary>Makes a normalizer.</summary>
    public UpperCaseNormalizer()
    {
    }

    /// <summary>A shared instance.</summary>
    public static UpperCaseNormalizer Instance { get; } = new();

    /// <inheritdoc />
    public override string Normalize(string original) => original.ToUpperInvariant();

    /// <inheritdoc />
    public override string Normalize(ReadOnlySpan<char> original) => original.ToString().ToUpperInvariant();
}
