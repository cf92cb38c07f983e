using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>The matches of a regular expression, with special tokens kept whole. Text between matches is dropped.</summary>
public sealed class RegexPreTokenizer : PreTokenizer
{
    private readonly Regex _regex;
    private readonly Regex? _special;

    /// <summary>Makes a pre-tokenizer.</summary>
    public RegexPreTokenizer(Regex regex, IReadOnlyDictionary<string, int>? specialTokens)
    {
        ArgumentNullException.ThrowIfNull(regex);
        _regex = regex;
        if (specialTokens is { Count: > 0 })
        {
            _special = new Regex(string.Join('|', specialTokens.Keys.Select(Regex.Escape)), RegexOptions.Compiled);
        }
    }

    /// <inheritdoc />
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
        => string.IsNullOrEmpty(text) ? [] : PreTokenize(text.AsSpan());

    /// <inheritdoc />
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        List<(int Offset, int Length)> stretches = [];
        var start = 0;
        if (_special is not null)
        {
            foreach (var special in _special.EnumerateMatches(text))
            {
                AddMatches(text, start, special.Index, stretches);
                stretches.Add((special.Index, special.Length));
                start = special.Index + special.Length;
            }
        }

        AddMatches(text, start, text.Length, stretches);
        return stretches;
    }

    private void AddMatches(ReadOnlySpan<char> text, int start, int end, List<(int Offset, int Length)> stretches)
    {
        foreach (var match in _regex.EnumerateMatches(text[start..end]))
        {
            stretches.Add((start + match.Index, match.Length));
        }
    }
}
