using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data.Diversity;

public class VendiScoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void Vectors_that_share_nothing_count_each(int count) =>
        Assert.Equal(count, VendiScore.Of(Rows(count, count, (i, j) => i == j ? i + 1 : 0), count), 1e-9);

    [Fact]
    public void Vectors_of_one_direction_count_once() =>
        Assert.Equal(1, VendiScore.Of(Rows(30, 4, (i, j) => (i + 1) * (j - 1.5f)), 4), 1e-9);

    [Fact]
    public void Kinds_count_by_their_shares()
    {
        // Three quarters of one kind and a quarter of another: exp of the entropy of (3/4, 1/4).
        var expected = Math.Exp(-((0.75 * Math.Log(0.75)) + (0.25 * Math.Log(0.25))));

        Assert.Equal(expected, VendiScore.Of(Rows(40, 2, (i, j) => (i < 30 ? 0 : 1) == j ? 1 : 0), 2), 1e-9);
    }

    [Fact]
    public void Two_vectors_at_an_angle_count_by_the_eigenvalues_in_closed_form()
    {
        // Cosine 0.6: the eigenvalues of K / 2 are 0.8 and 0.2.
        var expected = Math.Exp(-((0.8 * Math.Log(0.8)) + (0.2 * Math.Log(0.2))));

        Assert.Equal(expected, VendiScore.Of([1, 0, 0.6f, 0.8f], 2), 1e-6);
    }

    [Fact]
    public void The_order_and_the_lengths_do_not_matter_and_the_score_is_one_to_N() =>
        Law.Holds(from seed in Gen.Choose(0, 1000) from count in Gen.Choose(1, 20) from width in Gen.Choose(1, 12) select (seed, count, width), c =>
        {
            var random = new SeededRandom((ulong)c.seed);
            var rows = Enumerable.Range(0, c.count).Select(_ => Enumerable.Range(0, c.width).Select(_ => (float)random.NextDouble() - 0.4f).ToArray()).ToArray();

            var score = VendiScore.Of(rows.SelectMany(row => row).ToArray(), c.width);

            Assert.InRange(score, 1 - 1e-9, Math.Min(c.count, c.width) + 1e-6);
            Assert.Equal(score, VendiScore.Of(rows.Reverse().SelectMany((row, i) => row.Select(value => value * (i + 1))).ToArray(), c.width), 1e-5);
        });

    [Fact]
    public void Features_that_cannot_be_scored_are_named()
    {
        Assert.Equal(0, VendiScore.Of([], 4));
        Assert.Contains("5 numbers", Assert.Throws<ArgumentException>(() => VendiScore.Of(new float[5], 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => VendiScore.Of(new float[VendiScore.MostSamples + 1], 1));
        Assert.Contains("sample 1", Assert.Throws<ArgumentException>(() => VendiScore.Of([1, 2, float.NaN, 1], 2)).Message, StringComparison.Ordinal);
    }

    private static float[] Rows(int count, int width, Func<int, int, float> value) =>
        [.. from i in Enumerable.Range(0, count) from j in Enumerable.Range(0, width) select value(i, j)];
}
