using DyLoraMoe.Core.Data;
using DyLoraMoe.Demo.Lessons;

namespace DyLoraMoe.Demo.Tests.Lessons;

public sealed class LikenessTests
{
    private static readonly Likeness _likeness = new();

    [Theory]
    [InlineData("def add(a, b):\n    return a + b", "def add(a, b): return a + b", 1)]
    [InlineData("ls -la", "", 0)]
    [InlineData("abcdef", "uvwxyz", 0)]
    [InlineData("ab", "ab", 1)]
    [InlineData("", "anything", 0)]
    public void The_same_is_one_and_nothing_in_common_none(string wanted, string found, double expected) =>
        Assert.Equal(expected, _likeness.Mark(Sample.Pair("q", wanted), found), 1e-12);

    // By hand: runs of one have precision 1 and recall 2/3, runs of two 1 and 1/2, runs of three none; F with beta 2 of the means.
    [Fact]
    public void Recall_counts_twice()
    {
        const double Precision = (1.0 + 1 + 0) / 3, Recall = ((2.0 / 3) + 0.5 + 0) / 3;

        Assert.Equal(5 * Precision * Recall / ((4 * Precision) + Recall), _likeness.Mark(Sample.Pair("q", "abc"), "ab"), 1e-12);
    }

    [Fact]
    public void It_is_told_in_percent()
    {
        Assert.Equal("41% alike", _likeness.Word(0.41));
        Assert.Equal("answers to 20 questions are 41% like those in the data (chrF), 12% the bare backbone's", _likeness.Sentence(new Score(0.12, 0.41, 20)));
        Assert.Equal("23 of 25 questions answered right, 0 by the bare backbone", new RightOrWrong().Sentence(new Score(0, 0.92, 25)));
    }
}
