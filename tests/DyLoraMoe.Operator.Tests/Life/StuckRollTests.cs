using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>A roll that brings no expert and whose pods do not become ready, because what was served before cannot be loaded any more.</summary>
public sealed class StuckRollTests
{
    [Fact]
    public async Task A_set_without_the_expert_that_cannot_be_loaded_is_rolled_out_in_place_of_the_one_with_it()
    {
        using var world = await DamagedAsync();
        Delete(world, "sum");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.False, Reasons.RollOutStuck), RolledOut(world));

        Delete(world, "damaged");
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.RollOutComplete), RolledOut(world));
        Assert.Equal(1, world.Backbone.Status.Experts);
        Assert.Equal(world.Backbone.Status.ActiveRevision, Served(world));
        IsReady(world.Skill("reverse").Status, world);
    }

    [Fact]
    public async Task What_is_stuck_stays_while_nothing_else_is_asked_for()
    {
        using var world = await DamagedAsync();
        Delete(world, "sum");
        await world.SettleAsync();
        var (stuck, version) = (Served(world), world.Server.Version);

        await world.SettleAsync();

        Assert.Equal((stuck, version), (Served(world), world.Server.Version));
    }

    [Fact]
    public async Task A_policy_that_is_taken_back_brings_back_the_set_of_before()
    {
        using var world = await DamagedAsync();
        var before = world.Backbone.Status.ActiveRevision;
        world.Apply(spec => spec.Routing.TopK = 3);
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.False, Reasons.RollOutStuck), RolledOut(world));
        Assert.NotEqual(before, Served(world));

        world.Apply();
        await world.SettleAsync();

        Assert.Equal((before, before), (Served(world), world.Backbone.Status.ActiveRevision));
    }

    [Fact]
    public async Task Pods_that_may_not_be_made_are_waited_for()
    {
        using var world = await DamagedAsync();
        world.Loads = _ => true;
        world.PodQuota = 0;
        Delete(world, "sum");
        await world.SettleAsync();
        var waiting = Served(world);

        world.PodQuota = null;
        await world.SettleAsync();

        Assert.Equal((waiting, waiting), (Served(world), world.Backbone.Status.ActiveRevision));
    }

    private static async Task<OperatorWorld> DamagedAsync()
    {
        var world = new OperatorWorld();
        world.Apply();
        foreach (var name in new[] { "reverse", "sum", "damaged" })
        {
            world.Learn(name);
            await world.SettleAsync();
        }

        // Pods that run have it in memory; new ones cannot read it.
        var served = world.Backbone.Status.ActiveRevision;
        world.Loads = set => set.ComputeRevision() == served || set.Experts.All(expert => expert.Name != "damaged");
        return world;
    }

    private static void Delete(OperatorWorld world, string skill) => world.Server.Delete<Skill>(OperatorWorld.Namespace, skill);

    private static (string, string) RolledOut(OperatorWorld world)
    {
        var condition = world.Backbone.Status.Conditions.Find(ConditionTypes.RolledOut)!;
        return (condition.Status, condition.Reason);
    }

    private static string? Served(OperatorWorld world) => Rollouts.RevisionOf(world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router"));
}
