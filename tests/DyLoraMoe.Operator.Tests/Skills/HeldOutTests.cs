using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Skills;

public sealed class HeldOutTests
{
    [Fact]
    public async Task A_stored_Skill_that_holds_out_more_than_half_is_told_so_before_any_job()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        var before = world.Work.Requests.Count;
        world.Learn("far", change: spec => spec.HeldOutPercent = 60);
        await world.SettleAsync(looksAgain: false);

        var accepted = world.Skill("far").Status.Conditions.Find(ConditionTypes.Accepted)!;
        Assert.Equal((ConditionStatus.False, Reasons.InvalidSpec), (accepted.Status, accepted.Reason));
        Assert.Contains("spec.heldOutPercent: expected a number from 1 to 50, found 60", accepted.Message, StringComparison.Ordinal);
        Assert.Equal(before, world.Work.Requests.Count);

        world.Learn("far", change: spec => spec.HeldOutPercent = 50);
        await world.SettleAsync();

        Assert.True(world.Skill("far").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
    }

    [Fact]
    public async Task What_was_learnt_cannot_be_held_out_any_more()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("far", change: spec => spec.HeldOutPercent = 20);
        await world.SettleAsync();

        world.Learn("far", change: spec => spec.HeldOutPercent = 40);
        world.Learn("near");
        await world.SettleAsync();

        Assert.Equal(20, world.Skill("far").Status.Dataset!.HeldOutPercent);
        Assert.EndsWith("20 % stay held out, not 40: what was learnt cannot be held out any more.", world.Skill("far").Status.Conditions.Find(ConditionTypes.DataResolved)!.Message, StringComparison.Ordinal);
        Assert.Equal(20, Asked(world));

        world.Learn("far", change: spec => spec.HeldOutPercent = 10);
        world.Learn("nearer");
        await world.SettleAsync();
        Assert.Equal(10, Asked(world));

        world.Learn("far", change: spec => spec.HeldOutPercent = 20);
        world.Learn("nearest");
        await world.SettleAsync();
        Assert.Equal(10, Asked(world));
    }

    [Fact]
    public async Task Skills_with_too_few_samples_are_judged_again_once_fewer_will_do()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("far", "few", spec => spec.HeldOutPercent = 10);
        await world.SettleAsync();
        Assert.Equal(Reasons.InsufficientData, world.Skill("far").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);

        world.Apply(spec => spec.Novelty.LeastSamples = 16);
        world.Learn("far", "few", spec => spec.HeldOutPercent = 30);
        await world.SettleAsync();

        Assert.True(world.Skill("far").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.Equal((30, null), (world.Skill("far").Status.Dataset!.HeldOutPercent, world.Skill("far").Status.Novelty!.LeastSamples));
    }

    [Fact]
    public async Task Fewer_that_will_do_are_enough_by_themselves()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("far", "few");
        await world.SettleAsync();

        world.Apply(spec => spec.Novelty.LeastSamples = 16);
        await world.SettleAsync();

        Assert.True(world.Skill("far").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
    }

    // The share of the skill far in the newest check.
    private static int Asked(OperatorWorld world) => world.Work.Requests.Last(request => request.Check is not null).Skills.Single(skill => skill.Name == "far").HeldOutPercent;
}
