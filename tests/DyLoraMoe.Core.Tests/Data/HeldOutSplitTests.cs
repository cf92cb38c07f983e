using DyLoraMoe.Core.Data;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data;

public class HeldOutSplitTests
{
    private static readonly HeldOutSplit Split = new(20, 10);

    [Fact]
    public void Growing_the_data_moves_no_sample() =>
        Law.Holds(Two(SampleGen.Pairs), c =>
        {
            var (train, heldOut, test) = Split.Apply(c.Item1);
            var grown = Split.Apply([.. c.Item2, .. c.Item1]);

            Assert.Subset(grown.Train.ToHashSet(), train.ToHashSet());
            Assert.Subset(grown.HeldOut.ToHashSet(), heldOut.ToHashSet());
            Assert.Subset(grown.Test.ToHashSet(), test.ToHashSet());
        });

    [Fact]
    public void The_order_of_the_data_does_not_matter() =>
        Law.Holds(SampleGen.Pairs.SelectMany(s => Gen.Shuffle(s).Select(t => (s, t))), c =>
        {
            Assert.Equal(Split.Apply(c.s).HeldOut.ToHashSet(), Split.Apply(c.t).HeldOut.ToHashSet());
            Assert.Equal(DatasetDigest.Of(c.s), DatasetDigest.Of(c.t));
        });

    [Fact]
    public void Copies_that_differ_only_in_white_space_stay_together()
    {
        foreach (var i in Enumerable.Range(0, 200))
        {
            Assert.Equal(
                Split.PartOf(Sample.Pair($"add {i} and 2", "it is")),
                Split.PartOf(Sample.Pair($"  add\t{i}  and\r\n2 ", " it  is\n")));
        }
    }

    [Fact]
    public void Raising_the_share_only_takes_from_training()
    {
        var smaller = new HeldOutSplit(10);
        var larger = new HeldOutSplit(25);
        foreach (var sample in Numbers(2000).Where(s => smaller.PartOf(s) == SplitPart.HeldOut))
        {
            Assert.Equal(SplitPart.HeldOut, larger.PartOf(sample));
        }
    }

    [Fact]
    public void The_shares_are_about_what_was_asked()
    {
        var (train, heldOut, test) = Split.Apply(Numbers(10_000));

        Assert.InRange(heldOut.Count, 1880, 2120);
        Assert.InRange(test.Count, 910, 1090);
        Assert.Equal(10_000, train.Count + heldOut.Count + test.Count);
    }

    [Fact]
    public void The_split_is_the_one_it_always_was()
    {
        var parts = string.Concat(Numbers(60).Select(s => "-HT"[(int)Split.PartOf(s)]));

        Assert.Equal("--H------------HHHH----------------------T-HT-----", parts[..50]);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(51, 0)]
    [InlineData(0, 51)]
    [InlineData(50, 41)]
    public void Shares_outside_0_to_50_percent_or_of_nearly_everything_are_refused(int heldOut, int test)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HeldOutSplit(heldOut, test));
    }

    [Fact]
    public void Zero_percent_holds_nothing_out()
    {
        Assert.Equal(500, new HeldOutSplit(0).Apply(Numbers(500)).Train.Count);
    }

    [Fact]
    public void The_digest_tells_contents_apart()
    {
        string[] digests =
        [
            DatasetDigest.Of([]),
            DatasetDigest.Of([Sample.Pair("a", "b")]),
            DatasetDigest.Of([Sample.Pair("a", "b"), Sample.Pair("a", "b")]),
            DatasetDigest.Of([Sample.Pair("", "ab")]),
            DatasetDigest.Of([Sample.PlainText("ab")]),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    private static IEnumerable<Sample> Numbers(int count) => Enumerable.Range(0, count).Select(i => Sample.Pair($"add 1 to {i}", $"{i + 1}"));

    private static Gen<(T, T)> Two<T>(Gen<T> gen) => gen.SelectMany(a => gen.Select(b => (a, b)));
}
