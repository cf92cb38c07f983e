using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Sets;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.World.Growths;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>Growths that are deleted and applied anew, as by a tool that keeps to a repository.</summary>
public sealed class GrowthAnewTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_growth_that_was_adopted_and_is_made_anew_grows_nothing(bool hasExperts)
    {
        using var world = await WithExpertsAsync(hasExperts ? ["reverse"] : []);
        string[] names = ["wider", "deeper"];
        await GrowAsync();
        var (grown, adopted) = (world.Backbone.Status.Grown!, world.Growth("wider").Status.Backbone);
        await AnewAsync();
        Assert.Equal((grown, 2), (world.Backbone.Status.Grown, Grown(world)));

        // Sets that follow know of it too.
        world.Learn("sum");
        await world.SettleAsync();
        await AnewAsync();
        Assert.Equal((grown, adopted, 2), (world.Backbone.Status.Grown, world.Growth("wider").Status.Backbone, Grown(world)));

        // What is changed, or asked for, is to be done.
        world.Grow(spec => spec.Seed = 2, "deeper");
        await world.SettleAsync();
        Retry(world, "deeper");
        await world.SettleAsync();
        Assert.Equal(4, Grown(world));

        // The annotation with which it was adopted is not in the repository.
        await AnewAsync(spec => spec.Seed = 2);
        Assert.Equal(4, Grown(world));

        async Task AnewAsync(Action<GrowthSpec>? change = null)
        {
            foreach (var name in names)
            {
                world.Server.Delete<Growth>(OperatorWorld.Namespace, name);
            }

            await world.SettleAsync();
            Assert.Empty(world.Server.All<Growth>());
            await GrowAsync(change);
            foreach (var condition in names.SelectMany(name => world.Growth(name).Status.Conditions))
            {
                Assert.Equal(ConditionStatus.True, condition.Status);
            }

            Assert.All(names, name => Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(name), ConditionTypes.Ready)));
        }

        async Task GrowAsync(Action<GrowthSpec>? change = null)
        {
            foreach (var name in names)
            {
                world.Grow(name == "deeper" ? change : null, name);
                world.Clock.Advance(TimeSpan.FromMinutes(1));
            }

            await world.SettleAsync();
        }
    }

    [Fact]
    public async Task A_growth_that_is_asked_for_once_more_grows_on_what_another_has_made_meanwhile()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Grow();
        await world.SettleAsync();
        world.Grow(spec => spec.Suspend = true);
        Retry(world, "wider");
        await world.SettleAsync();
        Assert.Null(world.Growth().Status.AdoptionTime);
        world.Grow(name: "deeper");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth("deeper"), ConditionTypes.Ready));
        Assert.Null(world.Growth().Status.AdoptionTime);

        world.Grow();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal((world.Growth("deeper").Status.Backbone!.Digest, 3), (world.Growth().Status.From, Grown(world)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_growth_that_a_version_adopted_which_named_none_in_sets_is_named_in_the_next(bool growsAgain)
    {
        using var world = await WithExpertsAsync("reverse");
        string[] names = growsAgain ? ["wider", "deeper"] : ["wider"];
        world.Grow();
        await world.SettleAsync();
        LeaveUnnamed(world);
        if (growsAgain)
        {
            world.Grow(name: "deeper");
        }
        else
        {
            world.Learn("sum");
        }

        await world.SettleAsync();
        var made = names.Select(name => world.Growth(name).Status.Backbone).ToList();
        Assert.Equal(names, FactsOf(world.Server.All<V1ConfigMap>().Single(map => map.Note(Annotations.Revision) == world.Backbone.Status.ActiveRevision && map.Data.ContainsKey(SetFacts.FileName))).Growths.Select(step => step.Growth));

        Array.ForEach(names, name => world.Server.Delete<Growth>(OperatorWorld.Namespace, name));
        await world.SettleAsync();
        Array.ForEach(names, name => world.Grow(name: name));
        await world.SettleAsync();
        Assert.Equal(made, names.Select(name => world.Growth(name).Status.Backbone));
        Assert.Equal(names.Length, Grown(world));
    }

    [Fact]
    public async Task After_a_roll_back_a_growth_that_is_made_anew_grows_again()
    {
        using var world = await WithExpertsAsync("reverse");
        var small = world.Backbone.Status.ActiveRevision;
        world.Grow();
        await world.SettleAsync();
        var large = world.Backbone.Status.ActiveRevision;
        world.Server.Delete<Growth>(OperatorWorld.Namespace, "wider");
        await PinAsync(small);
        Assert.Null(world.Backbone.Status.Grown);

        // A set says how large its backbone is.
        await PinAsync(large);
        Assert.Equal((1250L, 5000L), (world.Backbone.Status.Grown!.Parameters, world.Backbone.Status.Grown.SizeBytes));

        await PinAsync(small);
        world.Apply();
        world.Grow();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.BackboneAdopted), Found(world.Growth(), ConditionTypes.Ready));
        Assert.Equal(2, Grown(world));

        Task PinAsync(string? revision)
        {
            world.Apply(spec => spec.Serving.Revision = revision);
            return world.SettleAsync();
        }
    }

    // As sets were before they named growths.
    private static void LeaveUnnamed(OperatorWorld world)
    {
        foreach (var map in world.Server.All<V1ConfigMap>().Where(map => map.Data.ContainsKey(SetFacts.FileName)))
        {
            world.Server.Change<V1ConfigMap>(OperatorWorld.Namespace, map.Metadata.Name, found => found.Data[SetFacts.FileName] = ContractJson.Write(FactsOf(found) with { Growths = [] }));
        }

        world.Restart();
    }

    private static SetFacts FactsOf(V1ConfigMap map) => ContractJson.Read<SetFacts>(map.Data[SetFacts.FileName]);

    private static int Grown(OperatorWorld world) => world.Work.Requests.Count(request => request.Kind == JobKind.Grow);
}
