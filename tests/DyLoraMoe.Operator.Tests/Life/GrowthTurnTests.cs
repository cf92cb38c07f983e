using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.World.Growths;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>Several Growths of a Backbone, and whose jobs run.</summary>
public sealed class GrowthTurnTests
{
    [Fact]
    public async Task Growth_upon_growth_goes_one_by_one()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Grow(spec => spec.Operators = [new() { Operator = GrowthOperators.InsertLayers }], "deeper");
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth("deeper"), ConditionTypes.Ready));
        Assert.Contains("grown from", world.Growth().Status.Conditions.Find(ConditionTypes.Adopted)!.Message, StringComparison.Ordinal);
        Assert.Equal(world.Growth().Status.Backbone!.Digest, world.Growth("deeper").Status.From);
        Assert.Equal((3, world.Growth("deeper").Status.Backbone!.Digest), (world.Expert("reverse").Status.Artifact!.Version, world.Expert("reverse").Status.Artifact!.Backbone));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_older_growth_that_is_resumed_waits_for_one_whose_job_runs(bool hasBegun)
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Grow(spec => spec.Suspend = !hasBegun);
        await world.SettleAsync(looksAgain: false);
        world.Grow(spec => spec.Suspend = true);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Grow(name: "deeper");
        await world.SettleAsync(looksAgain: false);
        var job = world.Growth("deeper").Status.Job;
        Assert.NotNull(job);

        world.Grow();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.AnotherGrowth), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal(job, world.Growth("deeper").Status.Job);
        Assert.Equal([job], JobsOf(world, JobKind.Grow).Where(each => each.Spec.Suspend != true).Select(each => each.Metadata.Name));

        world.JobsEnd = true;
        await world.SettleAsync();
        Assert.All(new[] { "wider", "deeper" }, name => Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(name), ConditionTypes.Ready)));
        Assert.Equal(world.Growth("deeper").Status.Backbone!.Digest, world.Growth().Status.From);
    }

    [Fact]
    public async Task Jobs_of_a_growth_that_cannot_be_are_stopped()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Grow();
        await world.SettleAsync(looksAgain: false);
        Assert.Single(JobsOf(world, JobKind.Grow));

        world.Grow(spec => spec.Operators = null);
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.False, Reasons.InvalidSpec), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Empty(JobsOf(world, JobKind.Grow));
        Assert.Null(world.Growth().Status.Job);

        world.Grow();
        await world.SettleAsync();
        Assert.Single(JobsOf(world, JobKind.Grow));
        world.Server.Change<Growth>(OperatorWorld.Namespace, "wider", found => found.Spec.BackboneRef.Name = "gone");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.False, Reasons.BackboneNotFound), Found(world.Growth(), ConditionTypes.Accepted));
        Assert.Empty(JobsOf(world, JobKind.Grow));
    }

    [Fact]
    public async Task Another_plan_stops_what_carries_experts_over_for_the_former_one()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow(spec => spec.Suspend = true);
        await world.SettleAsync();
        world.Work.Trouble = request =>
        {
            // From here on jobs take their time.
            world.JobsEnd = request.Kind != JobKind.Grow;
            return null;
        };
        world.Grow();
        await world.SettleAsync();
        Assert.Single(JobsOf(world, JobKind.Migrate));

        world.Grow(spec => spec.Seed = 2);
        await world.SettleAsync();
        Assert.Empty(JobsOf(world, JobKind.Migrate));
        Assert.Single(JobsOf(world, JobKind.Grow), job => job.Metadata.Name == world.Growth().Status.Job);

        (world.Work.Trouble, world.JobsEnd) = (_ => null, true);
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
    }

    [Theory]
    [InlineData("impossible")]
    [InlineData("diverging")]
    [InlineData("stubborn")]
    [InlineData("harmful")]
    public async Task A_growth_that_is_refused_holds_no_later_one_up(string refused)
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        world.Grow(name: refused);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Grow();
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal(world.Growth().Status.Backbone!.Digest, world.Backbone.Status.Grown!.Digest);

        // Grown anew from what is served now, it is no better.
        Assert.Equal((ConditionStatus.False, world.Growth().Status.Backbone!.Digest), (Found(world.Growth(refused), ConditionTypes.Ready).Status, world.Growth(refused).Status.From));
    }

    [Fact]
    public async Task A_later_growth_is_tried_after_a_restart_too()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow(name: "harmful");
        await world.SettleAsync();
        world.Restart();
        world.Grow();
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
    }

    private static IReadOnlyList<V1Job> JobsOf(OperatorWorld world, JobKind kind) =>
        [.. world.Server.All<V1Job>().Where(job => job.Metadata.DeletionTimestamp is null && job.Metadata.Labels[Labels.JobKind] == $"{kind}" && !JobReading.IsOver(job))];
}
