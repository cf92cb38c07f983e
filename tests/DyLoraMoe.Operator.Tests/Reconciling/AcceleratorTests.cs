using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Reconciling;

public sealed class AcceleratorTests
{
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
