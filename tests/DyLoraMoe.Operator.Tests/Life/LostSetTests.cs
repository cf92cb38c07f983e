using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Tests.World;
using k8s;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>The ConfigMap of the set that is served goes while pods serve it: what is served goes on being served.</summary>
public sealed class LostSetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pods_go_on_and_nothing_takes_their_place_until_the_set_is_back(bool isRestarted)
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        var (before, router, asked) = (world.Backbone.Status, Router(world), world.Work.Requests.Count);
        var map = Lose(world);
        if (isRestarted)
        {
            world.Restart();
        }

        await world.SettleAsync();

        var (ready, resolved) = (Found(world, ConditionTypes.Ready), Found(world, ConditionTypes.SetResolved));
        Assert.Equal((ConditionStatus.False, Reasons.SetNotFound), (ready.Status, ready.Reason));
        Assert.Equal((ConditionStatus.False, Reasons.SetNotFound), (resolved.Status, resolved.Reason));
        Assert.StartsWith($"Expected ConfigMap {map.Metadata.Name} with revision {before.ActiveRevision}, which is served, ", resolved.Message, StringComparison.Ordinal);
        Assert.Contains($"set spec.serving.revision to {before.PreviousRevision}, which is kept", resolved.Message, StringComparison.Ordinal);
        Assert.Equal(ConditionStatus.True, Found(world, ConditionTypes.RolledOut).Status);
        Assert.Equal(Served(before), Served(world.Backbone.Status));
        Assert.Equal((router.Metadata.Uid, router.Metadata.Generation), (Router(world).Metadata.Uid, Router(world).Metadata.Generation));

        world.Server.Create(map);
        await world.SettleAsync(looksAgain: false);

        IsReady(world.Backbone.Status, world);
        Assert.Equal(Served(before), Served(world.Backbone.Status));
        Assert.All(new[] { "reverse", "sum" }, name => IsReady(world.Skill(name).Status, world));
        Assert.Equal((router.Metadata.Generation, asked), (Router(world).Metadata.Generation, world.Work.Requests.Count));
    }

    [Fact]
    public async Task A_restore_that_brings_a_status_before_its_sets_is_waited_for()
    {
        using var world = await WithExpertsAsync("reverse");
        var before = world.Backbone.Status.ActiveRevision;
        var maps = world.Server.All<V1ConfigMap>().Where(map => map.Data?.ContainsKey(SetRevision.FileName) == true).ToList();
        maps.ForEach(map => world.Server.Delete<V1ConfigMap>(OperatorWorld.Namespace, map.Metadata.Name));
        world.Server.Delete<V1Deployment>(OperatorWorld.Namespace, "tiny-router");
        await world.SettleAsync();

        Assert.Null(world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router"));
        var resolved = Found(world, ConditionTypes.SetResolved);
        Assert.Equal(Reasons.SetNotFound, resolved.Reason);
        Assert.DoesNotContain("spec.serving.revision", resolved.Message, StringComparison.Ordinal);

        maps.ForEach(map => world.Server.Create(map));
        await world.SettleAsync(looksAgain: false);

        IsReady(world.Backbone.Status, world);
        Assert.Equal((before, before), (world.Backbone.Status.ActiveRevision, Rollouts.RevisionOf(Router(world))));
    }

    [Fact]
    public async Task What_a_set_holds_that_came_back_without_its_owner_stays_in_the_store()
    {
        using var world = await WithExpertsAsync("reverse");
        var map = Lose(world);
        map.Metadata.OwnerReferences = null;
        world.Server.Create(map);
        world.Clock.Advance(TimeSpan.FromHours(24));
        await world.SettleAsync();

        Assert.Contains(world.Backbone.Status.Router, world.Work.Requests.Last(request => request.Kind == JobKind.Collect).Collect!.Routers);
    }

    [Fact]
    public async Task What_is_asked_for_meanwhile_is_begun_once_the_set_is_back()
    {
        using var world = await WithExpertsAsync("reverse");
        var asked = world.Work.Requests.Count;
        var map = Lose(world);
        world.Learn("sum");
        await world.SettleAsync();

        var ready = world.Skill("sum").Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal((ConditionStatus.Unknown, Reasons.BackboneNotReady), (ready.Status, ready.Reason));
        Assert.Equal(asked, world.Work.Requests.Count);

        world.Server.Create(map);
        await world.SettleAsync(looksAgain: false);

        IsReady(world.Skill("sum").Status, world);
        Assert.All(world.Work.Requests.Skip(asked).Where(request => request.Kind is not (JobKind.Collect or JobKind.Train)), request => Assert.NotNull(request.ActiveSet));
    }

    [Fact]
    public async Task A_revision_that_is_kept_takes_its_place_when_the_spec_says_so_and_the_newer_experts_join_it_by_what_was_compared()
    {
        using var world = await WithExpertsAsync("reverse");
        var kept = world.Backbone.Status.ActiveRevision;
        world.Learn("sum");
        await world.SettleAsync();
        Lose(world);
        world.Apply(spec => spec.Serving.Revision = kept);
        await world.SettleAsync();

        Assert.Equal((kept, kept), (world.Backbone.Status.ActiveRevision, Rollouts.RevisionOf(Router(world))));
        Assert.Equal(1, world.Backbone.Status.Experts);

        world.Apply();
        await world.SettleAsync();

        Assert.Equal((2, Reasons.WithinBudget), (world.Backbone.Status.Experts, Found(world, ConditionTypes.RegressionChecked).Reason));
        IsReady(world.Skill("sum").Status, world);
    }

    [Fact]
    public async Task A_revision_that_is_taken_away_from_the_status_is_a_new_start()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        Lose(world);
        await world.SettleAsync();

        BeginAnew(world);
        await world.SettleAsync(looksAgain: false);

        IsReady(world.Backbone.Status, world);
        Assert.Equal(2, world.Backbone.Status.Experts);
        Assert.All(new[] { "reverse", "sum" }, name => IsReady(world.Skill(name).Status, world));
    }

    [Fact]
    public async Task A_backbone_that_has_grown_stays_as_large_while_its_set_is_lost_and_when_it_begins_anew()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow();
        await world.SettleAsync();
        var (grown, asked) = (world.Backbone.Status.Grown!, world.Work.Requests.Count);
        Lose(world);
        await world.SettleAsync();
        Assert.Equal(grown, world.Backbone.Status.Grown);

        BeginAnew(world);
        await world.SettleAsync();

        Assert.Equal(grown, world.Backbone.Status.Grown);
        Assert.Equal(1, world.Backbone.Status.Experts);
        Assert.All(world.Work.Requests.Skip(asked).Where(request => request.Kind != JobKind.Collect), request => Assert.Equal((grown.Digest, grown.Artifact), (request.Backbone.Digest, request.Backbone.Artifact)));
        IsReady(world.Skill("reverse").Status, world);
    }

    private static V1ConfigMap Lose(OperatorWorld world)
    {
        var map = world.Server.Find<V1ConfigMap>(OperatorWorld.Namespace, world.Backbone.Status.ActiveSetConfigMap!)!;
        world.Server.Delete<V1ConfigMap>(OperatorWorld.Namespace, map.Metadata.Name);
        return map;
    }

    private static void BeginAnew(OperatorWorld world) => world.Server.Change<Backbone>(OperatorWorld.Namespace, "tiny", backbone => backbone.Status.ActiveRevision = null);

    private static Condition Found(OperatorWorld world, string type) => world.Backbone.Status.Conditions.Find(type)!;

    // All but what says that it waits.
    private static string Served(BackboneStatus status) => KubernetesJson.Serialize(status with { Conditions = [], WaitingJobs = null, RunningJobs = null });

    private static V1Deployment Router(OperatorWorld world) => world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!;
}
