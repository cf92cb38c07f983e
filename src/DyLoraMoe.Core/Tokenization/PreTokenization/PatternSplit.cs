using System.Buffers;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Core.Tokenization.PreTokenization;

/// <summary>Splits at the matches of a pattern, seeing whole code points: each one outside the basic plane is one character to the pattern.</summary>
internal sealed class PatternSplit(OnigurumaPattern pattern, SplitBehavior behavior, bool invert) : ISplitRule
{
    public void Split(ReadOnlySpan<char> text, int origin, List<(int Offset, int Length)> parts)
    {
        try
        {
            if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            {
                PartBuilder builder = new(behavior, invert, origin, parts);
                foreach (var match in pattern.Regex.EnumerateMatches(text))
                {
                    builder.Match(match.Index, match.Length);
                }

                builder.Finish(text.Length);
            }
            else
            {
                SplitCodePoints(text, origin, parts);
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException($"The pre-tokenizer pattern '{pattern.Source}' took over {error.MatchTimeout.TotalSeconds} s on one text. Use a pattern that does not backtrack without bound.", error);
        }
    }

    private void SplitCodePoints(ReadOnlySpan<char> text, int origin, List<(int Offset, int Length)> parts)
    {
        var standIns = ArrayPool<char>.Shared.Rent(text.Length);
        var starts = ArrayPool<int>.Shared.Rent(text.Length + 1);
        try
        {
            var count = pattern.StandIn(text, standIns, starts);
            PartBuilder builder = new(behavior, invert, origin, parts);
            foreach (var match in pattern.Regex.EnumerateMatches(standIns.AsSpan(0, count)))
            {
                var start = starts[match.Index];
                builder.Match(start, starts[match.Index + match.Length] - start);
            }

            builder.Finish(text.Length);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(standIns);
            ArrayPool<int>.Shared.Return(starts);
        }
    }
}
