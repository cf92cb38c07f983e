using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>Cuts a text into the stretches within which tokens may form.</summary>
public abstract partial class PreTokenizer
{
    private const int TimeoutMilliseconds = 30_000;

    private static readonly RegexPreTokenizer WordOrPunctuation = new(WordOrPunctuationRegex(), null);
    private static readonly RegexPreTokenizer WordOrNonWord = new(WordOrNonWordRegex(), null);
    private static readonly RegexPreTokenizer NonWhiteSpace = new(NonWhiteSpaceRegex(), null);

    /// <summary>Offsets and lengths of the stretches.</summary>
    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(string text);

    /// <summary>Offsets and lengths of the stretches.</summary>
    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text);

    /// <summary>Words (<c>\w+</c>) and single punctuation characters.</summary>
    public static PreTokenizer CreateWordOrPunctuation(IReadOnlyDictionary<string, int>? specialTokens = null)
        => specialTokens is null ? WordOrPunctuation : new RegexPreTokenizer(WordOrPunctuationRegex(), specialTokens);

    /// <summary>Words (<c>\w+</c>) and runs of other characters that are not white space.</summary>
    public static PreTokenizer CreateWordOrNonWord(IReadOnlyDictionary<string, int>? specialTokens = null)
        => specialTokens is null ? WordOrNonWord : new RegexPreTokenizer(WordOrNonWordRegex(), specialTokens);

    /// <summary>Runs of characters that are not white space.</summary>
    public static PreTokenizer CreateWhiteSpace(IReadOnlyDictionary<string, int>? specialTokens = null)
        => specialTokens is null ? NonWhiteSpace : new RegexPreTokenizer(NonWhiteSpaceRegex(), specialTokens);

    [GeneratedRegex(@"\w+|[\p{P}]", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex WordOrPunctuationRegex();

    [GeneratedRegex(@"\w+|[^\w\s]+", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex WordOrNonWordRegex();

    [GeneratedRegex(@"\S+", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex NonWhiteSpaceRegex();
}
