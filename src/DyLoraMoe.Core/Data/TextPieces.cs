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

    // A few contexts' worth of characters, so that most samples stay whole.
    private const int CharactersPerToken = 4;
    private const int ContextsPerPiece = 2;

    /// <summary>The same in pieces of a few contexts, of which a fixed share can be held out.</summary>
    /// <param name="samples">Any samples; pairs pass through.</param>
    /// <param name="context">Most tokens that a model is given at once. The same context gives the same pieces.</param>
    public static IEnumerable<Sample> CutForContext(IEnumerable<Sample> samples, int context) => Cut(samples, context * CharactersPerToken * ContextsPerPiece);

    /// <summary>Splits the pieces of long texts; those that follow each other in a text and are on one side are one text again, since an end of text lies between texts.</summary>
    /// <param name="samples">Any samples; pairs are split whole.</param>
    /// <param name="split">Tells the parts apart; what it keeps for tests is left out.</param>
    /// <param name="context">As for <see cref="CutForContext"/>.</param>
    public static (List<Sample> Train, List<Sample> HeldOut) Split(IEnumerable<Sample> samples, HeldOutSplit split, int context)
    {
        var (train, heldOut) = (new List<Sample>(), new List<Sample>());
        foreach (var sample in samples)
        {
            foreach (var (part, text) in Runs(CutForContext([sample], context), split, sample))
            {
                if (part != SplitPart.Test)
                {
                    (part == SplitPart.Train ? train : heldOut).Add(text);
                }
            }
        }

        return (train, heldOut);
    }

    /// <summary>The samples, with plain texts longer than <paramref name="characters"/> in pieces of at most that length, mostly of more than half of it.</summary>
    /// <param name="samples">Any samples; pairs pass through.</param>
    /// <param name="characters">Most characters of a piece, at least 16.</param>
    public static IEnumerable<Sample> Cut(IEnumerable<Sample> samples, int characters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(characters, 16);
        return samples.SelectMany(sample => sample.IsPlainText && sample.Answer.Length > characters
            ? Pieces(sample.Answer, characters).Select(Sample.PlainText)
            : [sample]);
    }

    private static IEnumerable<(SplitPart Part, Sample Text)> Runs(IEnumerable<Sample> pieces, HeldOutSplit split, Sample whole)
    {
        var (start, end, part) = (0, 0, SplitPart.Train);
        foreach (var piece in pieces)
        {
            var next = split.PartOf(piece);
            if (next != part && end > start)
            {
                yield return (part, Sample.PlainText(whole.Answer[start..end]));
                start = end;
            }

            (part, end) = (next, end + piece.Answer.Length);
        }

        yield return (part, start == 0 ? whole : Sample.PlainText(whole.Answer[start..]));
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
