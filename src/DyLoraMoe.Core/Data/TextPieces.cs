namespace DyLoraMoe.Core.Data;

/// <summary>
/// Cuts long plain texts at line ends into pieces that a split by content can tell apart; a book that is one document could
/// only be held out whole. Where to cut is read off the lines themselves, so text that is added, also in the middle, changes
/// only the pieces next to it and the others keep their part of the split. The pieces in order are the text.
/// </summary>
public static class TextPieces
{
    // One line in so many ends a piece that is long enough already.
    private const ulong LinesPerCut = 8;

    /// <summary>The samples, with plain texts longer than <paramref name="characters"/> in pieces of at most that length, mostly of more than half of it.</summary>
    /// <param name="samples">Any samples; pairs pass through.</param>
    /// <param name="characters">Most characters of a piece, at least 16. A few contexts' worth keeps most samples whole.</param>
    public static IEnumerable<Sample> Cut(IEnumerable<Sample> samples, int characters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(characters, 16);
        return samples.SelectMany(sample => sample.IsPlainText && sample.Answer.Length > characters
            ? Pieces(sample.Answer, characters).Select(Sample.PlainText)
            : [sample]);
    }

    private static IEnumerable<string> Pieces(string text, int characters)
    {
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) is var found && found < 0 ? text.Length : found + 1;
            if (end - start > characters)
            {
                var cut = at > start ? at : Whole(text, start + characters);
                yield return text[start..cut];
                start = at = cut;
                continue;
            }

            if (end - start >= characters / 2 && SeededRandom.Key(text[at..end]) % LinesPerCut == 0)
            {
                yield return text[start..end];
                start = end;
            }

            at = end;
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }

    private static int Whole(string text, int at) => char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;
}
