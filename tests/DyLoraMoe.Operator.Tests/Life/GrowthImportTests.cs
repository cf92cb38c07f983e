using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>Adapters of a person's own on a backbone that becomes another.</summary>
public sealed class GrowthImportTests
{
    [Fact]
    public async Task An_adapter_for_another_backbone_waits_for_a_newer_one_and_takes_that_in()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        var small = world.Backbone.Status.ActiveRevision;
        world.Grow();
        await world.SettleAsync();
        Bring(world);
        await world.SettleAsync();
        Assert.Equal(world.Backbone.Status.Grown!.Digest, world.Expert("mine").Status.Artifact!.Backbone);

        world.Apply(spec => spec.Serving.Revision = small);
        await world.SettleAsync();
        world.Apply();
        await world.SettleAsync();
        var served = world.Expert("mine").Status.Conditions.Find(ConditionTypes.Served)!;
        Assert.Equal((ConditionStatus.False, Reasons.BackboneMismatch), (served.Status, served.Reason));
        Assert.Contains("spec.source.version", served.Message, StringComparison.Ordinal);
        Assert.Single(Imports(world));

        world.Server.Change<LoraExpert>(OperatorWorld.Namespace, "mine", found => found.Spec.Source!.Version = "2");
        await world.SettleAsync();
        IsReady(world.Expert("mine").Status, world);
        Assert.Equal((2, (string?)null), (world.Expert("mine").Status.Artifact!.Version, world.Expert("mine").Status.Artifact!.Backbone));
        Assert.Equal(2, Imports(world).Count());
    }

    [Fact]
    public async Task An_adapter_that_is_being_taken_in_while_the_backbone_grows_is_checked_against_the_larger_one()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        var small = world.Backbone.Status.ActiveRevision;
        world.Apply(spec => spec.Serving.Revision = small);
        world.Grow();
        await world.SettleAsync();

        world.JobsEnd = false;
        Bring(world);
        await world.SettleAsync(looksAgain: false);
        Assert.NotNull(world.Expert("mine").Status.Job);
        world.Apply();
        await world.SettleAsync();
        var grown = world.Backbone.Status.Grown!;

        world.JobsEnd = true;
        await world.SettleAsync();
        Assert.Equal(grown.Artifact, Assert.Single(Imports(world)).Backbone.Artifact);
        Assert.Equal(grown.Digest, world.Expert("mine").Status.Artifact!.Backbone);
        IsReady(world.Expert("mine").Status, world);
    }

    [Fact]
    public async Task An_adapter_on_a_backbone_that_never_grew_is_known_as_in_every_version()
    {
        using var world = new OperatorWorld();
        world.Apply();
        Bring(world);
        await world.SettleAsync();

        var import = Assert.Single(world.Server.All<V1ConfigMap>(), map => map.Tag(Labels.JobKind) == nameof(JobKind.Import));
        Assert.Equal(Hash.Of("adapters", "mine", null), import.Note(Annotations.InputHash));
    }

    private static void Bring(OperatorWorld world) => world.Server.Create(new LoraExpert
    {
        Metadata = new() { Name = "mine", NamespaceProperty = OperatorWorld.Namespace },
        Spec = new() { BackboneRef = new() { Name = "tiny" }, Source = new() { PersistentVolumeClaim = new() { ClaimName = "adapters", Path = "mine" } } },
    });

    private static IEnumerable<JobRequest> Imports(OperatorWorld world) => world.Work.Requests.Where(request => request.Kind == JobKind.Import);
}
