using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class LongSamplesTests
{
    [Fact]
    public async Task Samples_longer_than_the_context_are_learnt_in_part_and_again_once_it_is_larger()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Context = 64);
        world.Learn("letters", "long 100\nmonotonous");
        await world.SettleAsync();

        var status = world.Skill("letters").Status;
        Assert.Equal((3, null, 64), (status.Dataset!.PromptsCut, status.Dataset.AnswersCut, status.Dataset.Context));
        var resolved = status.Conditions.Find(ConditionTypes.DataResolved)!;
        Assert.Equal((ConditionStatus.True, Reasons.SamplesCut), (resolved.Status, resolved.Reason));
        Assert.Contains("3 prompts lost their beginning and 0 answers their end. Raise the Backbone's spec.context", resolved.Message, StringComparison.Ordinal);
        Assert.EndsWith("All are alike: give more varied data.", resolved.Message, StringComparison.Ordinal);
        Assert.Equal((1, 64), LearntBy(world));

        world.Apply(spec => spec.Context = 128);
        await world.SettleAsync();

        status = world.Skill("letters").Status;
        Assert.Equal((null, null), (status.Dataset!.PromptsCut, status.Dataset.Context));
        Assert.Equal(Reasons.LowDiversity, status.Conditions.Find(ConditionTypes.DataResolved)!.Reason);
        Assert.True(status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.Equal((2, null), LearntBy(world));

        var done = world.Work.Requests.Count;
        world.Apply(spec => spec.Context = 64);
        await world.SettleAsync();

        Assert.Equal(done, world.Work.Requests.Count);
    }

    [Fact]
    public async Task Where_the_model_takes_no_more_the_status_says_so()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Context = 4096);
        world.Learn("letters", "long 1000");
        await world.SettleAsync();

        var message = world.Skill("letters").Status.Conditions.Find(ConditionTypes.DataResolved)!.Message;
        Assert.EndsWith("The model takes no more: give shorter samples.", message, StringComparison.Ordinal);
    }

    private static (int? Version, int? Context) LearntBy(OperatorWorld world) =>
        (world.Expert("letters").Status.Artifact!.Version, Assert.Single(world.Expert("letters").Status.TrainedOn!).Context);
}
