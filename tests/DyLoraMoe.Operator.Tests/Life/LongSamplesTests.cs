using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class LongSamplesTests
{
    [Fact]
    public async Task Samples_longer_than_the_context_are_learnt_in_part_and_the_status_says_so()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("letters", "long\nmonotonous");
        await world.SettleAsync();

        var status = world.Skill("letters").Status;
        Assert.Equal((3, null), (status.Dataset!.PromptsCut, status.Dataset.AnswersCut));
        var resolved = status.Conditions.Find(ConditionTypes.DataResolved)!;
        Assert.Equal((ConditionStatus.True, Reasons.SamplesCut), (resolved.Status, resolved.Reason));
        Assert.Contains("3 prompts lost their beginning and 0 answers their end. Raise the Backbone's spec.context", resolved.Message, StringComparison.Ordinal);
        Assert.EndsWith("All are alike: give more varied data.", resolved.Message, StringComparison.Ordinal);
    }
}
