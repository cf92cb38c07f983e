using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Jobs;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;
using static DyLoraMoe.Operator.Tests.World.Growths;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>Growths that were refused and are tried again, with and without a change.</summary>
public sealed class GrowthRetryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_growth_that_was_refused_is_tried_once_more_when_asked_and_holds_nothing_up(bool isAnnotated)
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow(name: "harmful");
        await world.SettleAsync();
        var artifact = world.Growth("harmful").Status.Backbone!.Artifact;
        Assert.Equal(1, Tries());

        if (isAnnotated)
        {
            Retry(world, "harmful");
        }
        else
        {
            world.Grow(spec => spec.Gates.Divergence = "0.5", "harmful");
        }

        await world.SettleAsync();
        Assert.Equal((artifact, 2), (world.Growth("harmful").Status.Backbone!.Artifact, Tries()));
        Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), Found(world.Growth("harmful"), ConditionTypes.Ready));

        world.Learn("sum");
        await world.SettleAsync();
        IsReady(world.Skill("sum").Status, world);
        Assert.Equal(2, world.Backbone.Status.Experts);

        int Tries() => world.Work.Requests.Count(request => request.Check?.Candidate.Backbone.Artifact == artifact);
    }

    [Fact]
    public async Task A_check_of_a_growth_that_failed_is_done_again_when_asked()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Work.Trouble = request => request.Check?.Candidate.Backbone.Artifact is null ? null : (Reasons.JobFailed, "The check cannot be done.");
        world.Grow();
        await world.SettleAsync();
        Assert.All([ConditionTypes.Validated, ConditionTypes.Ready], type => Assert.Equal((ConditionStatus.False, Reasons.JobFailed), Found(world.Growth(), type)));
        Assert.Equal("The check cannot be done.", world.Growth().Status.Conditions.Find(ConditionTypes.Validated)!.Message);

        world.Work.Trouble = _ => null;
        Retry(world, "wider");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
    }

    [Fact]
    public async Task A_growth_that_goes_back_to_a_former_plan_makes_it_again()
    {
        using var world = await WithExpertsAsync("reverse");
        foreach (var seed in new[] { 1, 2, 1 })
        {
            world.Grow(spec => spec.Seed = seed, "stubborn");
            await world.SettleAsync();
            Assert.Equal((ConditionStatus.False, Reasons.MigrationFailed), Found(world.Growth("stubborn"), ConditionTypes.Ready));
            Assert.Single(world.Server.All<V1ConfigMap>(), map => map.Tag(Labels.JobKind) == nameof(JobKind.Grow));
        }

        // A collection may have taken what came of it.
        Assert.Equal([1, 2, 1], world.Work.Requests.Where(request => request.Kind == JobKind.Grow).Select(request => request.Grow!.Seed));
    }

    [Fact]
    public async Task A_growth_whose_pods_do_not_become_ready_is_rolled_out_once_more_when_asked()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Loads = set => set.Backbone.Artifact is null;
        world.Grow();
        await world.SettleAsync();
        Assert.All([ConditionTypes.Validated, ConditionTypes.Ready], type => Assert.Equal((ConditionStatus.False, Reasons.RollOutStuck), Found(world.Growth(), type)));
        Assert.Equal(1, Stuck());

        Retry(world, "wider");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.False, Reasons.RollOutStuck), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal(2, Stuck());
        world.Learn("sum");
        await world.SettleAsync();
        IsReady(world.Skill("sum").Status, world);

        world.Loads = _ => true;
        Retry(world, "wider", at: "later");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));

        int Stuck() => world.Server.Events.Count(told => told.Reason == Reasons.RollOutStuck && told.Message.StartsWith("Revision", StringComparison.Ordinal));
    }
}
