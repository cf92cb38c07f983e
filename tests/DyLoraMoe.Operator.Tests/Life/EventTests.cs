using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>What is told in events.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task A_second_refusal_for_another_skill_is_told_although_its_reason_is_the_same()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        world.Learn("sum");
        await world.SettleAsync();

        world.Learn("first", "harms reverse");
        await world.SettleAsync();
        Assert.Single(Refusals(world));
        world.Learn("first", "harms sum");
        await world.SettleAsync();

        var refusals = Refusals(world);
        Assert.Equal(2, refusals.Count);
        Assert.Contains("reverse", refusals[0], StringComparison.Ordinal);
        Assert.Contains("sum", refusals[1], StringComparison.Ordinal);
    }

    private static List<string> Refusals(OperatorWorld world) =>
        [.. world.Server.Events.Where(told => told.About is Backbone && told.Reason == Reasons.RegressionRefused && told.Message.StartsWith(ConditionTypes.RegressionChecked, StringComparison.Ordinal)).Select(told => told.Message)];
}
