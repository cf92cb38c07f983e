using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Tests.Data;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Lifecycle;

public class RankPolicyTests
{
    private static readonly RankPolicy Policy = new();

    [Theory]
    [InlineData(0.03, 8)]
    [InlineData(0.99, 8)]
    [InlineData(1.5, 16)]
    [InlineData(2.2, 32)]
    [InlineData(3.0, 32)]
    [InlineData(9.0, 32)]
    public void Rank_grows_by_doublings_with_what_seeding_left(double left, int expected) =>
        Assert.Equal(expected, Policy.AfterSeeding(8, backboneLoss: 4, left).Rank);

    [Fact]
    public void A_new_expert_starts_at_the_base_rank() => Assert.Equal((8, null), (Policy.Start().Rank, Policy.Start().Difficulty));

    [Fact]
    public void Data_that_are_learnt_by_heart_ask_for_no_rank()
    {
        var decision = Policy.AfterSeeding(8, backboneLoss: 4, heldOutLoss: 3.5, trainingLoss: 0.2);

        Assert.Equal(8, decision.Rank);
        Assert.Contains("5 % of the backbone's 4.0000 nats/token are left on training data", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Rank_never_falls_never_passes_the_largest_and_grows_with_difficulty() =>
        Law.Holds(
            from rank in Gen.Choose(1, 64)
            from loss in Gen.Choose(0, 6000)
            from more in Gen.Choose(0, 2000)
            select (rank, loss: loss / 1000.0, more: more / 1000.0),
            c =>
            {
                var decision = Policy.AfterSeeding(c.rank, 4, c.loss);

                Assert.InRange(decision.Rank, c.rank, Math.Max(c.rank, Policy.LargestRank));
                Assert.True(Policy.AfterSeeding(c.rank, 4, c.loss + c.more).Rank >= decision.Rank);
                Assert.InRange(decision.Difficulty!.Value, 0, 1);
            });

    [Fact]
    public void Reasons_tell_growth_enough_and_the_limit_apart()
    {
        Assert.Contains("rank grows from 8 to 32", Policy.AfterSeeding(8, 4, 3.9).Reason, StringComparison.Ordinal);
        Assert.Contains("rank 8 is enough", Policy.AfterSeeding(8, 4, 0.1).Reason, StringComparison.Ordinal);
        Assert.Contains("32 is the largest rank", Policy.AfterSeeding(32, 4, 3.9).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_do_not_fit_together_are_refused()
    {
        Assert.Throws<ValidationException>(() => (Policy with { BaseRank = 64 }).Start());
        Assert.Throws<ValidationException>(() => (Policy with { EasyUpTo = 0.8 }).Start());
        Assert.Throws<ArgumentException>(() => Policy.AfterSeeding(8, double.NaN, 1));
    }
}
