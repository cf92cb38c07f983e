using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Reconciling;

public sealed class PlatformTests
{
    [Fact]
    public async Task Pods_go_to_nodes_that_can_run_their_image_unless_others_are_named()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => (spec.Training.NodeSelector, spec.Serving.NodeSelector) = (new Dictionary<string, string> { ["pool"] = "gpus" }, new Dictionary<string, string> { ["kubernetes.io/arch"] = "s390x" }));
        world.Learn("letters");
        await world.SettleAsync();

        Assert.NotEmpty(world.Server.All<V1Job>());
        Assert.All(world.Server.All<V1Job>(), job => Assert.Equal(["kubernetes.io/arch", "kubernetes.io/os=linux", "pool=gpus"], Labels(job.Spec.Template.Spec).Select(label => label.StartsWith("kubernetes.io/arch=", StringComparison.Ordinal) ? label.Split('=')[0] : label)));
        Assert.Equal(["kubernetes.io/arch=s390x", "kubernetes.io/os=linux"], Labels(world.Server.All<V1Deployment>().Single().Spec.Template.Spec));

        static IEnumerable<string> Labels(V1PodSpec pod) => pod.NodeSelector.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal);
    }
}
