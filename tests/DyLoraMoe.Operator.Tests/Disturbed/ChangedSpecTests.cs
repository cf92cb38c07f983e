using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Disturbed;

/// <summary>What a spec says last is what holds in the end, whichever moment it was changed at.</summary>
public sealed class ChangedSpecTests
{
    [Fact]
    public Task A_recipe_that_was_wrong() => AtAnyMomentAsync(
        world => world.Learn("odd", "until 200 steps: useless", spec => spec.Training.Recipe.Steps = 100),
        world => world.Learn("odd", "until 200 steps: useless", spec => spec.Training.Recipe.Steps = 200),
        world => Assert.Contains(world.Work.Requests, request => request.Train?.Recipe.Steps == 200));

    [Fact]
    public Task A_recipe_of_the_Backbone_by_which_training_fails() => AtAnyMomentAsync(
        world => world.Learn("odd", "until 200 steps: fails"),
        world => world.Apply(spec => spec.Training.Recipe.Steps = 200),
        world => Assert.Equal(200, world.Work.Requests.Last(request => request.Train?.Expert == "odd").Train!.Recipe.Steps));

    [Fact]
    public Task A_larger_share_that_is_held_out() => AtAnyMomentAsync(
        world => world.Learn("odd", change: spec => spec.HeldOutPercent = 20),
        world => world.Learn("odd", change: spec => spec.HeldOutPercent = 40),
        world =>
        {
            // Whatever was learnt, nothing of it is held out.
            var learnt = world.Work.Requests.Last(request => request.Train?.Expert == "odd").Train!.Learn.Single().HeldOutPercent;
            Assert.Equal(learnt, world.Skill("odd").Status.Dataset!.HeldOutPercent);
            Assert.All(world.Work.Requests.SelectMany(request => request.Skills).Where(skill => skill.Name == "odd"), skill => Assert.Equal(learnt, skill.HeldOutPercent));
        });

    [Fact]
    public Task A_context_that_was_too_small() => AtAnyMomentAsync(
        world => world.Learn("odd", "long 100"),
        world => world.Apply(spec => spec.Context = 128),
        world =>
        {
            Assert.Null(world.Skill("odd").Status.Dataset!.PromptsCut);
            Assert.Null(Assert.Single(world.Expert("odd").Status.TrainedOn!).Context);
            Assert.Equal(128, world.Work.Requests.Last(request => request.Train?.Expert == "odd").Policy.Context);
        });

    [Fact]
    public Task A_Backbone_that_asked_for_too_many_samples() => AtAnyMomentAsync(
        world => world.Learn("odd", "few"),
        world => world.Apply(spec => spec.Novelty.LeastSamples = 16),
        world => Assert.Equal(NoveltyDecisions.Novel, world.Skill("odd").Status.Novelty!.Decision));

    [Fact]
    public Task Work_that_was_suspended() => AtAnyMomentAsync(
        world => world.Learn("odd", change: spec => spec.Suspend = true),
        world => world.Learn("odd"),
        world => Assert.Single(world.Work.Requests, request => request.Train?.Expert == "odd"));

    [Fact]
    public Task A_deletion_policy() => AtAnyMomentAsync(
        world => world.Learn("odd", change: spec => spec.DeletionPolicy = DeletionPolicies.Retain),
        world => world.Learn("odd", change: spec => spec.DeletionPolicy = DeletionPolicies.Delete),
        world => Assert.Equal(DeletionPolicies.Delete, world.Expert("odd").Spec.DeletionPolicy));

    private static async Task AtAnyMomentAsync(Action<OperatorWorld> before, Action<OperatorWorld> after, Action<OperatorWorld> holds)
    {
        var writes = await PlayAsync(before, after, holds, moment: int.MaxValue);
        Assert.InRange(writes, 3, 200);
        for (var moment = 1; moment <= writes; moment++)
        {
            await PlayAsync(before, after, holds, moment);
        }
    }

    // Told to change it right after a write, of the operator or of a controller; or when everything has settled.
    private static async Task<int> PlayAsync(Action<OperatorWorld> before, Action<OperatorWorld> after, Action<OperatorWorld> holds, int moment)
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Context = 64);
        world.Learn("reverse");
        await world.SettleAsync();
        var writes = 0;
        before(world);
        world.Server.Changed += (_, _, _) =>
        {
            if (++writes == moment)
            {
                after(world);
            }
        };
        await world.SettleAsync();
        var settled = writes;
        if (settled < moment)
        {
            after(world);
            await world.SettleAsync();
        }

        Assert.True(world.Skill("odd").Status.Conditions.IsTrue(ConditionTypes.Ready), $"Changed after write {moment}:\n{world.Story()}");
        Assert.True(world.Skill("reverse").Status.Conditions.IsTrue(ConditionTypes.Ready), $"Changed after write {moment}:\n{world.Story()}");
        Assert.Empty(Scenario.Twice(world));
        holds(world);
        return settled;
    }
}
