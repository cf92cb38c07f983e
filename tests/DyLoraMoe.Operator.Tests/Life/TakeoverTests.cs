using System.Globalization;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>A process that takes over while its caches are behind.</summary>
public sealed class TakeoverTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_process_that_knows_only_the_set_of_before_does_not_bring_it_back(bool isDeploymentLate, bool isSetLate)
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        var before = Past(world);
        world.Learn("sum");
        await world.SettleAsync();
        var revision = world.Backbone.Status.ActiveRevision;
        Assert.Equal(2, world.Backbone.Status.Experts);
        var generation = Router(world).Metadata.Generation;

        world.Restart();
        if (isDeploymentLate)
        {
            world.Cluster.Store<V1Deployment>().Replace(before.Deployments, before.Version);
        }

        if (isSetLate)
        {
            world.Cluster.Store<V1ConfigMap>().Replace(before.Maps, before.Version);
        }

        await world.SettleAsync(looksAgain: false);

        Assert.Equal((revision, revision), (world.Backbone.Status.ActiveRevision, Rollouts.RevisionOf(Router(world))));
        Assert.Equal(generation, Router(world).Metadata.Generation);
        Assert.Equal(2, world.Backbone.Status.Experts);
        IsReady(world.Backbone.Status, world);
    }

    [Fact]
    public async Task A_visit_waits_until_the_caches_are_what_there_is()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        world.Learn("reverse");
        world.Cluster.IsCurrent = false;
        var settled = world.SettleAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.Empty(world.Skill("reverse").Metadata.Finalizers ?? []);

        world.Cluster.IsCurrent = true;
        await settled;

        IsReady(world.Skill("reverse").Status, world);
    }

    private static V1Deployment Router(OperatorWorld world) => world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!;

    private static (IReadOnlyList<V1Deployment> Deployments, IReadOnlyList<V1ConfigMap> Maps, string Version) Past(OperatorWorld world) =>
        ([.. world.Server.All<V1Deployment>()], [.. world.Server.All<V1ConfigMap>().Select(DyLoraMoe.Operator.Cluster.Trimming.ConfigMap)], world.Server.Version.ToString(CultureInfo.InvariantCulture));
}
