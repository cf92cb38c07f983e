using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>A recipe that is corrected is tried, and one that did well is left alone.</summary>
public sealed class RecipeTests
{
    [Theory]
    [InlineData("useless", Reasons.NoGain)]
    [InlineData("fails", Reasons.ExpertFailed)]
    [InlineData("harms reverse", Reasons.RegressionRefused)]
    public async Task What_came_to_nothing_is_learnt_again_by_another_recipe(string data, string reason)
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        Teach(world, data, steps: 100);
        await world.SettleAsync();
        Assert.Equal(reason, world.Skill("odd").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);

        Teach(world, data, steps: 150);
        await world.SettleAsync();
        Assert.Equal(reason, world.Skill("odd").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);

        Teach(world, data, steps: 200);
        await world.SettleAsync();
        world.Restart();
        await world.SettleAsync();

        Assert.True(world.Skill("odd").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.Equal([100, 150, 200], Trainings(world, "odd").Select(request => request.Train!.Recipe.Steps));
        var versions = data == "fails" ? 1 : 3;
        Assert.Equal(Enumerable.Range(1, versions).Reverse(), world.Expert("odd").Status.History!.Select(entry => entry.Version));
    }

    [Fact]
    public async Task What_is_served_is_taught_again_what_its_newest_version_was_to_learn()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("odd");
        await world.SettleAsync();
        var served = world.Expert("odd").Status.Artifact!.Digest;
        Teach(world, "useless", steps: 100);
        await world.SettleAsync();
        Assert.Equal(Reasons.NoGain, world.Skill("odd").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);

        Teach(world, "useless", steps: 200);
        await world.SettleAsync();

        Assert.True(world.Skill("odd").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.Equal([null, served, served], Trainings(world, "odd").Select(request => request.Train!.From?.Digest));
        Assert.Equal([3, 2, 1], world.Expert("odd").Status.History!.Select(entry => entry.Version));
    }

    [Fact]
    public async Task Another_recipe_makes_nobody_learn_again_what_is_served()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("odd");
        await world.SettleAsync();

        world.Learn("odd", change: spec => spec.Training.Recipe.Steps = 200);
        world.Apply(spec => spec.Training.Recipe.Seed = 7);
        await world.SettleAsync();

        Assert.Single(Trainings(world, "odd"));
        Assert.True(world.Skill("odd").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
    }

    [Fact]
    public async Task A_training_is_the_same_work_whatever_others_have_learnt_meanwhile()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("odd", "fails");
        await world.SettleAsync();
        world.Learn("other");
        await world.SettleAsync();

        world.Server.Change<LoraExpert>(OperatorWorld.Namespace, "odd", found => found.Metadata.Annotations = new Dictionary<string, string> { [Annotations.RetryAt] = "now" });
        await world.SettleAsync();

        var texts = Trainings(world, "odd").ConvertAll(ContractJson.Write);
        Assert.Equal(2, texts.Count);
        Assert.Equal(texts[0], texts[1]);
    }

    private static void Teach(OperatorWorld world, string data, int steps) =>
        world.Learn("odd", $"until 200 steps: {data}", spec => spec.Training.Recipe.Steps = steps);

    private static List<JobRequest> Trainings(OperatorWorld world, string expert) => world.Work.Requests.FindAll(request => request.Train?.Expert == expert);
}
