using DyLoraMoe.Core.Data;
using DyLoraMoe.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data;

public class TextPiecesTests
{
    private static readonly Gen<string> Texts = Gen.Elements("word ", "longer words ", "\n", "\n", "🙂", "x").ArrayOf().Resize(200).Select(string.Concat);

    [Fact]
    public void The_pieces_in_order_are_the_text() => Law.Holds(Texts, text =>
    {
        var pieces = Cut(text + "end", 32);

        Assert.Equal(text + "end", string.Concat(pieces));
        Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, 32));
    });

    [Fact]
    public void Pairs_and_short_texts_stay_whole()
    {
        Sample[] samples = [Sample.Pair(new string('a', 100), "b"), Sample.PlainText(new string('c', 16))];

        Assert.Equal(samples, TextPieces.Cut(samples, 16));
    }

    [Fact]
    public void A_book_can_be_split_and_an_insertion_moves_only_its_surroundings()
    {
        var book = File.ReadAllText(SharedFiles.Shared("data/tinyshakespeare.txt"));
        var split = new HeldOutSplit(10);

        var (train, heldOut, _) = split.Apply(TextPieces.Cut([Sample.PlainText(book)], 2000));
        var grown = split.Apply(TextPieces.Cut([Sample.PlainText(book.Insert(book.IndexOf('\n', book.Length / 3) + 1, "A line that was missing.\n") + "\nThe end.\n")], 2000));

        Assert.InRange(heldOut.Count / (double)(train.Count + heldOut.Count), 0.06, 0.14);
        Assert.InRange(train.Except(grown.Train).Count() + heldOut.Except(grown.HeldOut).Count(), 0, 8);
    }

    [Fact]
    public void Neighbouring_pieces_on_one_side_are_one_text_again() => Law.Holds(Texts, text =>
    {
        var split = new HeldOutSplit(30);
        var whole = Sample.PlainText(string.Concat(Enumerable.Repeat(text, 20)) + "end");

        var (train, heldOut) = TextPieces.Split([whole], split, context: 4);

        var sides = TextPieces.CutForContext([whole], 4).Select(split.PartOf).ToList();
        Assert.Equal(1 + sides.Zip(sides.Skip(1)).Count(pair => pair.First != pair.Second), train.Count + heldOut.Count);
        var (first, second) = sides[0] == SplitPart.Train ? (train, heldOut) : (heldOut, train);
        Assert.Equal(whole.Text, string.Concat(first.Select((sample, at) => sample.Text + (at < second.Count ? second[at].Text : ""))));
    });

    [Fact]
    public void Pairs_and_texts_of_one_piece_are_split_whole()
    {
        Sample[] samples = [.. Enumerable.Range(0, 50).SelectMany(at => new[] { Sample.Pair(new string('a', at), "b"), Sample.PlainText(new string('c', at)) })];

        var (train, heldOut) = TextPieces.Split(samples, new HeldOutSplit(20), context: 16);

        var (wholeTrain, wholeHeldOut, _) = new HeldOutSplit(20).Apply(samples);
        Assert.Equal(wholeTrain, train);
        Assert.Equal(wholeHeldOut, heldOut);
    }

    [Fact]
    public void Half_a_character_is_never_cut_off()
    {
        var pieces = Cut(string.Concat(Enumerable.Repeat("🙂", 50)) + "x" + string.Concat(Enumerable.Repeat("🙂", 50)), 17);

        Assert.All(pieces, piece => Assert.False(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
    }

    private static List<string> Cut(string text, int characters) => [.. TextPieces.Cut([Sample.PlainText(text)], characters).Select(piece => piece.Answer)];
}
