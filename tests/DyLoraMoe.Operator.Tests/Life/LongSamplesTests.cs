using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

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

    [Fact]
    public async Task A_pod_that_holds_a_GPU_computes_on_it_or_not_at_all()
    {
        using var world = new OperatorWorld();
        var gpu = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("1") } };
        world.Apply(spec => (spec.Training.Resources, spec.Serving.Resources) = (gpu, gpu));
        world.Learn("letters");
        await world.SettleAsync();

        Assert.NotEmpty(world.Server.All<V1Job>());
        Assert.All(world.Server.All<V1Job>(), job => Assert.Contains("--device cuda", string.Join(' ', job.Spec.Template.Spec.Containers[0].Args), StringComparison.Ordinal));
        Assert.Contains("--device cuda", string.Join(' ', world.Server.All<V1Deployment>().Single().Spec.Template.Spec.Containers[0].Args), StringComparison.Ordinal);

        using var other = new OperatorWorld();
        other.Apply();
        await other.SettleAsync();
        Assert.DoesNotContain("--device", other.Server.All<V1Deployment>().Single().Spec.Template.Spec.Containers[0].Args);
    }
}
