using DyLoraMoe.Trainer.Predictions.Running;

namespace DyLoraMoe.Trainer.Tests.Predictions;

public class RateClimbTests
{
    private const double Diverged = double.PositiveInfinity;

    [Fact]
    public void Wherever_the_one_valley_is_and_wherever_it_begins_the_lowest_rung_is_found_with_few_tries()
    {
        for (var valley = 0; valley < 9; valley++)
        {
            for (var start = 0; start < 9; start++)
            {
                HashSet<int> tried = [];
                Assert.Equal(valley, RateClimb.From(start, 9, rung =>
                {
                    tried.Add(rung);
                    return Math.Abs(rung - valley);
                }));
                Assert.InRange(tried.Count, 2, Math.Abs(valley - start) + 3);
            }
        }
    }

    [Theory]
    [InlineData(5, 2, 3.0, 2.0, 1.0, Diverged, Diverged, Diverged)]
    [InlineData(1, 0, 3.0, Diverged, Diverged)]
    [InlineData(0, 1, 2.0, 1.0, 4.0)]
    [InlineData(2, 2, 3.0, 2.0, 1.0)]
    [InlineData(1, null, Diverged, Diverged, Diverged)]
    public void What_diverges_is_left_downwards_and_ends_of_the_ladder_are_ends(int start, int? expected, params double[] losses) =>
        Assert.Equal(expected, RateClimb.From(start, losses.Length, rung => losses[rung]));
}
