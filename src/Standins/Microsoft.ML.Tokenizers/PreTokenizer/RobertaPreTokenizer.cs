using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>Cuts text as GPT-2 and RoBERTa do.</summary>
public sealed partial class RobertaPreTokenizer : PreTokenizer
{
    private static readonly RegexPreTokenizer Matches = new(Gpt2Regex(), null);

    /// <summary>A shared instance.</summary>
    public static RobertaPreTokenizer Instance { get; } = new();

    /// <inheritdoc />
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => Matches.PreTokenize(text);

    /// <inheritdoc />
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => Matches.PreTokenize(text);

    [GeneratedRegex(@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.None, 30_000)]
    private static partial Regex Gpt2Regex();
}
