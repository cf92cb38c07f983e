using System.Buffers;
using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>Cuts a text at its added tokens, the leftmost and there the longest first, in one pass over a trie.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<AddedToken?> _tokens = [null];
    private readonly SearchValues<char> _firsts;

    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        HashSet<char> firsts = [];
        foreach (var (pattern, token) in tokens)
        {
            if (pattern.Length == 0)
            {
                continue;
            }

            firsts.Add(pattern[0]);
            var node = 0;
            foreach (var character in pattern)
            {
                if (!_edges.TryGetValue((node, character), out var next))
                {
                    next = _tokens.Count;
                    _edges[(node, character)] = next;
                    _tokens.Add(null);
                }

                node = next;
            }

            _tokens[node] ??= token;
        }

        _firsts = SearchValues.Create([.. firsts]);
    }

    /// <summary>The stretches of a text in order: added tokens, and what lies between them with a null token.</summary>
    public List<(int Start, int End, AddedToken? Token)> Cut(string text)
    {
        List<(int Start, int End, AddedToken? Token)> stretches = [];
        var end = 0;
        var at = 0;
        while (at < text.Length)
        {
            var candidate = text.AsSpan(at).IndexOfAny(_firsts);
            if (candidate < 0)
            {
                break;
            }

            at += candidate;
            var (token, length) = Longest(text, at);
            if (token is null)
            {
                at++;
                continue;
            }

            var (start, stop) = (at, at + length);
            at = stop;
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(stop))))
            {
                continue;
            }

            while (token.StripLeft && start > end && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.StripRight && stop < text.Length && char.IsWhiteSpace(text[stop]))
            {
                stop++;
            }

            if (start > end)
            {
                stretches.Add((end, start, null));
            }

            stretches.Add((start, stop, token));
            (end, at) = (stop, stop);
        }

        if (end < text.Length)
        {
            stretches.Add((end, text.Length, null));
        }

        return stretches;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeLastFromUtf16(text, out var last, out _) == OperationStatus.Done && IsWord(last);

    private static bool StartsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeFromUtf16(text, out var first, out _) == OperationStatus.Done && IsWord(first);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    private (AddedToken? Token, int Length) Longest(string text, int start)
    {
        (AddedToken? Token, int Length) best = (null, 0);
        var node = 0;
        for (var at = start; at < text.Length && _edges.TryGetValue((node, text[at]), out node); at++)
        {
            if (_tokens[node] is { } token)
            {
                best = (token, at + 1 - start);
            }
        }

        return best;
    }
}
