using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.World.Growths;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class GrowthTests
{
    [Fact]
    public async Task A_larger_backbone_is_served_with_all_experts_at_once()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        var before = world.Expert("sum").Status;
        world.Grow();
        await world.SettleAsync();

        var growth = world.Growth().Status;
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal(["Adopted", "Grown", "Planned", "Relearned", "Validated"], growth.Conditions.Where(condition => condition.Status == ConditionStatus.True).Select(condition => condition.Type).Except(["Accepted", "Ready"]));
        Assert.Equal(("+25 %", "2/2", 1250L), (growth.Grown, growth.Migrated, growth.ParametersAfter));
        Assert.Equal((growth.Backbone!.Digest, 1250L), (world.Backbone.Status.Grown!.Digest, world.Backbone.Status.Grown.Parameters));
        Assert.Equal(ConditionStatus.True, world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Status);
        var after = world.Expert("sum").Status;
        Assert.Equal((2, "Migrated", growth.Backbone.Digest), (after.Artifact!.Version, after.History![0].Reason, after.Artifact.Backbone));
        Assert.Equal((after.Artifact.Digest, "88"), (after.AdmittedDigest, $"{after.Evaluation!.GainPercent}"));
        Assert.Equal(before.TrainedOn, after.TrainedOn);
        Assert.Equal(ConditionStatus.True, world.Skill("sum").Status.Conditions.Find(ConditionTypes.Ready)!.Status);
    }

    [Fact]
    public async Task The_set_is_fitted_on_the_larger_backbone_and_compared_with_the_smaller()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow();
        await world.SettleAsync();

        var grown = world.Growth().Status.Backbone!;
        var fit = world.Work.Requests.Last(request => request.Kind == JobKind.FitRouter);
        Assert.Equal((grown.Artifact, (string?)null), (fit.Backbone.Artifact, fit.ActiveSet!.Backbone.Artifact));
        var check = world.Work.Requests.Last(request => request.Kind == JobKind.Check);
        Assert.Equal((grown.Artifact, grown.Artifact, (string?)null), (check.Backbone.Artifact, check.Check!.Candidate.Backbone.Artifact, check.ActiveSet!.Backbone.Artifact));
        var migrate = world.Work.Requests.Single(request => request.Kind == JobKind.Migrate);
        Assert.Equal((grown.Artifact, (string?)null, "reverse"), (migrate.Backbone.Artifact, migrate.Migrate!.Before.Artifact, migrate.Migrate.Skills.Single().Name));
    }

    [Fact]
    public async Task What_is_learnt_from_then_on_is_learnt_on_the_larger_backbone()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow();
        await world.SettleAsync();
        world.Learn("reverse", "more");
        world.Learn("sum");
        await world.SettleAsync();

        var grown = world.Growth().Status.Backbone!;
        Assert.All(world.Work.Requests.TakeLast(6), request => Assert.Equal(grown.Artifact, request.Backbone.Artifact));
        Assert.All(new[] { "reverse", "sum" }, name => Assert.Equal(grown.Digest, world.Expert(name).Status.Artifact!.Backbone));
        Assert.Equal(3, world.Expert("reverse").Status.Artifact!.Version);
        Assert.Equal(2, world.Backbone.Status.Experts);
    }

    [Theory]
    [InlineData("impossible", ConditionTypes.Planned, Reasons.GrowthImpossible, "Heads of 16")]
    [InlineData("wrong", ConditionTypes.Grown, Reasons.FunctionChanged, "differ by 0.1")]
    [InlineData("diverging", ConditionTypes.Relearned, Reasons.DivergenceTooLarge, "0.01 are allowed")]
    [InlineData("stubborn", ConditionTypes.Validated, Reasons.MigrationFailed, "Expert reverse: It does not fit.")]
    [InlineData("harmful", ConditionTypes.Validated, Reasons.RegressionRefused, "Skill reverse would go from 0.5 to 0.9")]
    public async Task What_is_refused_says_why_and_changes_nothing(string name, string condition, string reason, string message)
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        var (revision, expert) = (world.Backbone.Status.ActiveRevision, world.Expert("reverse").Status.Artifact);
        world.Grow(name: name);
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.False, reason), Found(world.Growth(name), condition));
        Assert.Contains(message, world.Growth(name).Status.Conditions.Find(condition)!.Message, StringComparison.Ordinal);
        Assert.Equal((ConditionStatus.False, reason), Found(world.Growth(name), ConditionTypes.Ready));
        Assert.Equal((revision, expert), (world.Backbone.Status.ActiveRevision, world.Expert("reverse").Status.Artifact));
        Assert.Equal(ConditionStatus.True, world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Status);
        Assert.Null(world.Backbone.Status.Grown);

        world.Learn("reverse", "more");
        await world.SettleAsync();
        Assert.Equal(2, world.Expert("reverse").Status.Artifact!.Version);
        Assert.Equal((ConditionStatus.False, reason), Found(world.Growth(name), condition));
    }

    [Fact]
    public async Task What_was_not_measured_has_no_figure()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow(name: "wrong");
        world.Grow(name: "diverging");
        await world.SettleAsync();

        var (wrong, diverging) = (world.Growth("wrong").Status, world.Growth("diverging").Status);
        Assert.Equal(("0.1", (string?)null, (string?)null, (string?)null, (long?)null), (wrong.FunctionError, wrong.Divergence, wrong.DivergenceBefore, wrong.Judge, wrong.Tokens));
        Assert.Equal(("0.02", "0.5", "Samples", 100L), (diverging.Divergence, diverging.DivergenceBefore, diverging.Judge, diverging.Tokens));
    }

    [Fact]
    public async Task Experts_that_learn_meanwhile_are_carried_over_anew_and_new_ones_too()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Grow();
        await world.SettleAsync(looksAgain: false);
        world.Learn("reverse", "more");
        world.Learn("sum");
        await world.SettleAsync(looksAgain: false);
        world.JobsEnd = true;
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal(2, world.Backbone.Status.Experts);
        foreach (var name in new[] { "reverse", "sum" })
        {
            var expert = world.Expert(name);
            Assert.Equal(world.Growth().Status.Backbone!.Digest, expert.Status.Artifact!.Backbone);
            Assert.Equal(world.Skill(name).Status.Dataset!.Digest, expert.Status.TrainedOn!.Single().Dataset);
            Assert.Equal(ConditionStatus.True, expert.Status.Conditions.Find(ConditionTypes.Ready)!.Status);
        }
    }

    [Fact]
    public async Task A_roll_back_is_a_pointer_and_takes_backbone_and_experts_along()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        var (revision, artifact) = (world.Backbone.Status.ActiveRevision!, world.Expert("reverse").Status.Artifact!);
        world.Grow();
        await world.SettleAsync();
        Assert.Equal(88, world.Expert("reverse").Status.Evaluation!.GainPercent);
        world.Apply(spec => spec.Serving.Revision = revision);
        await world.SettleAsync();

        Assert.Equal((revision, (GrownBackbone?)null), (world.Backbone.Status.ActiveRevision, world.Backbone.Status.Grown));
        Assert.Equal((artifact.Digest, (string?)null), (world.Expert("reverse").Status.Artifact!.Digest, world.Expert("reverse").Status.Artifact!.Backbone));
        Assert.Equal((null, null), (world.Expert("reverse").Status.Evaluation, world.Expert("reverse").Status.Artifact!.SizeBytes));
        Assert.Equal((ConditionStatus.False, Reasons.RolledBack), Found(world.Growth(), ConditionTypes.Adopted));
        Assert.Equal(ConditionStatus.True, world.Growth().Status.Conditions.Find(ConditionTypes.Ready)!.Status);

        world.Apply();
        world.Learn("reverse", "more");
        await world.SettleAsync();
        Assert.Equal((2, (string?)null), (world.Expert("reverse").Status.Artifact!.Version, world.Expert("reverse").Status.Artifact!.Backbone));
        Assert.Null(world.Backbone.Status.Grown);

        world.Server.Change<Growth>(OperatorWorld.Namespace, "wider", found => found.Metadata.Annotations = new Dictionary<string, string> { [Annotations.RetryAt] = "now" });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.NotNull(world.Backbone.Status.Grown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_adopted_growth_stays_so_when_one_after_it_is_deleted_or_edited(bool hasExperts)
    {
        using var world = await WithExpertsAsync(hasExperts ? ["reverse"] : []);
        world.Grow();
        await world.SettleAsync();
        world.Grow(name: "deeper");
        world.Grow(name: "deepest");
        await world.SettleAsync();

        world.Server.Delete<Growth>(OperatorWorld.Namespace, "deepest");
        world.Grow(spec => (spec.Seed, spec.Suspend) = (2, true), "deeper");
        await world.SettleAsync();
        Assert.Null(world.Growth("deeper").Status.Backbone);
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Adopted));

        // Sets that follow are on the same backbone, and one on another says so.
        world.Learn("sum");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Adopted));
        world.Grow(spec => spec.Seed = 2, "deeper");
        await world.SettleAsync();
        Assert.All(new[] { "wider", "deeper" }, name => Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(name), ConditionTypes.Adopted)));
        var source = world.Server.All<V1ConfigMap>().First(map => map.Data.TryGetValue(SetRevision.FileName, out var set) && ContractJson.Read<SetRevision>(set).Backbone.Artifact is null);
        world.Apply(spec => spec.Serving.Revision = source.Metadata.Annotations[Annotations.Revision]);
        await world.SettleAsync();
        Assert.All(new[] { "wider", "deeper" }, name => Assert.Equal((ConditionStatus.False, Reasons.RolledBack), Found(world.Growth(name), ConditionTypes.Adopted)));
    }

    [Fact]
    public async Task Growths_that_are_refused_are_tried_once_until_what_they_were_refused_for_changes()
    {
        using var world = await WithExpertsAsync("reverse");
        var names = new[] { "harmful", "harmful-too" };
        foreach (var name in names)
        {
            world.Grow(name: name);
            world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await world.SettleAsync();
        Assert.All(names, name => Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), Found(world.Growth(name), ConditionTypes.Ready)));
        Assert.Equal([1, 1], Tries());

        // Another set of the same experts says nothing else about them.
        var revision = world.Backbone.Status.ActiveRevision;
        world.Apply(spec => spec.Routing.TopK = 3);
        await world.SettleAsync();
        world.Restart();
        await world.SettleAsync();
        Assert.NotEqual(revision, world.Backbone.Status.ActiveRevision);
        Assert.Equal([1, 1], Tries());

        world.Apply(spec => (spec.Routing.TopK, spec.Regression.Budget) = (3, "0.5"));
        await world.SettleAsync();
        Assert.Equal([2, 2], Tries());
        Assert.All(names, name => Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), Found(world.Growth(name), ConditionTypes.Ready)));

        IEnumerable<int> Tries() => names.Select(name => world.Work.Requests.Count(request => request.Check?.Candidate.Backbone.Artifact == world.Growth(name).Status.Backbone!.Artifact));
    }

    [Fact]
    public async Task A_backbone_without_experts_grows_too()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Grow();
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal("0/0", world.Growth().Status.Migrated);
    }

    [Fact]
    public async Task What_is_dropped_leaves_no_way_back_and_what_is_kept_stays_in_the_store()
    {
        using var world = await WithExpertsAsync("reverse");
        var old = world.Backbone.Status.ActiveRevision;
        world.Grow(spec => spec.Old = OldBackbones.Drop);
        await world.SettleAsync();

        Assert.All(world.Server.All<V1ConfigMap>().Where(map => map.Data.ContainsKey(SetRevision.FileName)), map => Assert.NotEqual(old, map.Metadata.Annotations[Annotations.Revision]));
        Assert.Null(world.Backbone.Status.PreviousRevision);

        // A deleted Growth leaves what it made in service, and the store keeps it.
        world.Server.Delete<Growth>(OperatorWorld.Namespace, "wider");
        world.Learn("sum", change: spec => spec.DeletionPolicy = DeletionPolicies.Delete);
        await world.SettleAsync();
        world.Server.Delete<Skill>(OperatorWorld.Namespace, "sum");
        await world.SettleAsync();
        var grown = world.Backbone.Status.Grown!;
        Assert.Equal(1250, grown.Parameters);
        Assert.Equal([grown.Artifact], world.Work.Requests.Last(request => request.Kind == JobKind.Collect).Collect!.Backbones);
    }

    [Fact]
    public async Task Only_smaller_backbones_are_dropped_also_after_a_roll_back()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow(spec => spec.Old = OldBackbones.Drop);
        await world.SettleAsync();
        var middle = world.Backbone.Status.ActiveRevision!;
        world.Grow(name: "deeper");
        await world.SettleAsync();
        var largest = world.Backbone.Status.ActiveRevision!;

        world.Apply(spec => spec.Serving.Revision = middle);
        await world.SettleAsync();
        world.Apply(spec => spec.Serving.Revision = largest);
        await world.SettleAsync();

        Assert.Equal(largest, world.Backbone.Status.ActiveRevision);
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth("deeper"), ConditionTypes.Adopted));
    }

    [Fact]
    public async Task A_suspended_growth_offers_nothing_and_a_pinned_backbone_takes_nothing()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow(spec => spec.Suspend = true);
        await world.SettleAsync();
        Assert.DoesNotContain(world.Work.Requests, request => request.Kind == JobKind.Grow);
        Assert.Equal((ConditionStatus.Unknown, Reasons.Suspended), Found(world.Growth(), ConditionTypes.Ready));

        var revision = world.Backbone.Status.ActiveRevision;
        world.Apply(spec => spec.Serving.Revision = revision);
        world.Grow();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.RevisionPinned), Found(world.Growth(), ConditionTypes.Validated));
        Assert.Null(world.Backbone.Status.Grown);

        world.Apply();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
    }

    [Fact]
    public async Task Pressure_says_when_growth_is_due()
    {
        using var world = new OperatorWorld();
        world.Apply(spec =>
        {
            spec.MaxExperts = 4;
            (spec.Lora.Rank, spec.Lora.LargestRank) = (8, 8);
        });
        world.Learn("reverse");
        world.Learn("sum", change: spec => spec.Training.Lora = new() { LargestRank = 32 });
        await world.SettleAsync();

        Assert.Equal(new() { RankPercent = 50, GainPercent = 0, ExpertsPercent = 50 }, world.Backbone.Status.Pressure);
    }
}
