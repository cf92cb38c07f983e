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
}
