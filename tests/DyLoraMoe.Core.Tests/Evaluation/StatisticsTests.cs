using DyLoraMoe.Core.Evaluation;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Evaluation;

public class StatisticsTests
{
    [Fact]
    public void The_interval_of_five_runs_uses_four_degrees_of_freedom()
    {
        var interval = MeanInterval.Of([1, 2, 3, 4, 5]);
        Assert.Equal(3, interval.Mean);
        Assert.Equal(2.7764 * Math.Sqrt(2.5) / Math.Sqrt(5), interval.HalfWidth, 1e-9);
        Assert.Equal(5, interval.Count);
    }

    [Fact]
    public void One_run_has_a_mean_and_no_interval()
    {
        var interval = MeanInterval.Of([0.25, double.NaN]);
        Assert.Equal(0.25, interval.Mean);
        Assert.True(double.IsNaN(interval.HalfWidth));
        Assert.Equal(1, interval.Count);
    }

    [Fact]
    public void What_pairs_have_in_common_drops_out()
    {
        var interval = MeanInterval.OfPairs([10.5, 20.5, 30.5], [10, 20, 30]);
        Assert.Equal(0.5, interval.Mean, 1e-12);
        Assert.Equal(0, interval.HalfWidth, 1e-12);
        Assert.Throws<ArgumentException>(() => MeanInterval.OfPairs([1], [1, 2]));
    }

    [Theory]
    [InlineData(31, 2.0395)]
    [InlineData(60, 2.0003)]
    [InlineData(1000, 1.9623)]
    public void Students_point_goes_on_beyond_the_table(int degrees, double expected) => Assert.Equal(expected, MeanInterval.StudentPoint(degrees), 1e-4);

    [Fact]
    public void The_area_counts_ties_half()
    {
        Assert.Equal(1, Auroc.Of([3, 4], [1, 2]));
        Assert.Equal(0, Auroc.Of([1, 2], [3, 4]));
        Assert.Equal(0.5, Auroc.Of([1, 1], [1, 1, 1]));
        Assert.Equal((1 + 0.5 + 0 + 0) / 4, Auroc.Of([2, 1], [1, 3]), 1e-12);
        Assert.True(double.IsNaN(Auroc.Of([], [1])));
        Assert.Throws<ArgumentException>(() => Auroc.Of([double.NaN], [1]));
    }

    [Fact]
    public void The_area_is_the_share_of_pairs_in_the_right_order() => Prop.ForAll(
        Gen.Choose(0, 5).Select(score => (double)score).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(0, 5).Select(score => (double)score).NonEmptyListOf().ToArbitrary(),
        (positives, negatives) =>
        {
            var pairs = positives.SelectMany(p => negatives.Select(n => p > n ? 1 : p == n ? 0.5 : 0)).Average();
            Assert.Equal(pairs, Auroc.Of([.. positives], [.. negatives]), 1e-9);
        }).QuickCheckThrowOnFailure();
}
