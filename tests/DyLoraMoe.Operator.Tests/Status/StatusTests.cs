using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.Disturbed;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Status;

public sealed class StatusTests
{
    // That the law is kept is held in every life of these tests; this is that there was something to hold.
    [Fact]
    public async Task A_life_writes_statuses_that_keep_the_law()
    {
        using var world = new OperatorWorld();
        await Scenario.LongAsync(world);

        Assert.Empty(world.Law.Violations);
        Assert.InRange(world.Law.Statuses, 50, 400);
        Assert.InRange(world.Law.Currents, 8, world.Law.Statuses);
    }

    [Fact]
    public async Task A_backbone_waits_for_its_volumes_and_goes_on_when_they_come()
    {
        using var world = new OperatorWorld();
        world.Server.Delete<V1PersistentVolumeClaim>(OperatorWorld.Namespace, "artifacts");
        world.Apply();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.ClaimNotFound), Ready(world.Backbone.Status));
        Assert.Empty(world.Server.All<V1Job>());

        world.Server.Create(new V1PersistentVolumeClaim { Metadata = new() { Name = "artifacts", NamespaceProperty = OperatorWorld.Namespace } });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.Serving), Ready(world.Backbone.Status));
    }

    [Fact]
    public async Task A_backbone_waits_for_the_accounts_that_it_names()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Serving.ServiceAccountName = "own");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.ServiceAccountNotFound), Ready(world.Backbone.Status));

        world.Server.Create(new V1ServiceAccount { Metadata = new() { Name = "own", NamespaceProperty = OperatorWorld.Namespace } });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.Serving), Ready(world.Backbone.Status));
    }

    [Fact]
    public async Task A_skill_waits_for_its_volume_and_does_without_it_once_it_was_read()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("far", change: spec => spec.Data = new() { PersistentVolumeClaim = new() { ClaimName = "samples" } });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.ClaimNotFound), Ready(world.Skill("far").Status));
        Assert.Equal(ConditionStatus.False, world.Skill("far").Status.Conditions.Find(ConditionTypes.Accepted)!.Status);

        world.Server.Create(new V1PersistentVolumeClaim { Metadata = new() { Name = "samples", NamespaceProperty = OperatorWorld.Namespace } });
        await world.SettleAsync();
        world.Server.Delete<V1PersistentVolumeClaim>(OperatorWorld.Namespace, "samples");
        world.Restart();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.Serving), Ready(world.Skill("far").Status));
    }

    [Fact]
    public async Task An_adapter_waits_for_its_volume()
    {
        using var world = new OperatorWorld();
        world.Server.Delete<V1PersistentVolumeClaim>(OperatorWorld.Namespace, "adapters");
        world.Apply();
        world.Server.Create(new LoraExpert
        {
            Metadata = new() { Name = "mine", NamespaceProperty = OperatorWorld.Namespace },
            Spec = new() { BackboneRef = new() { Name = "tiny" }, Source = new() { PersistentVolumeClaim = new() { ClaimName = "adapters", Path = "mine" } } },
        });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.ClaimNotFound), Ready(world.Expert("mine").Status));

        world.Server.Create(new V1PersistentVolumeClaim { Metadata = new() { Name = "adapters", NamespaceProperty = OperatorWorld.Namespace } });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.Serving), Ready(world.Expert("mine").Status));
    }

    private static (string Status, string Reason) Ready(IConditioned status)
    {
        var ready = status.Conditions.Find(ConditionTypes.Ready)!;
        return (ready.Status, ready.Reason);
    }
}
