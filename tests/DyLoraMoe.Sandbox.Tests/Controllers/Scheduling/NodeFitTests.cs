using DyLoraMoe.Sandbox.Controllers.Scheduling;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Scheduling;

public class NodeFitTests
{
    [Fact]
    public void A_pod_within_the_rest_fits() => Assert.Empty(NodeFit.Reasons(Pod("1", "cpu"), Node(), [Pod("2", "cpu")]));

    [Fact]
    public void A_pod_beyond_the_rest_does_not() =>
        Assert.Equal(["Insufficient cpu"], NodeFit.Reasons(Pod("3", "cpu"), Node(), [Pod("2", "cpu")]));

    [Fact]
    public void A_device_that_the_node_does_not_have_is_missing() =>
        Assert.Equal(["Insufficient nvidia.com/gpu"], NodeFit.Reasons(Pod("1", "nvidia.com/gpu"), Node(), []));

    [Fact]
    public void The_node_selector_must_match()
    {
        var pod = Pod("1", "cpu");
        pod.Spec.NodeSelector = new Dictionary<string, string> { ["zone"] = "a" };

        Assert.Equal(["node(s) didn't match Pod's node affinity/selector"], NodeFit.Reasons(pod, Node(), []));
    }

    [Fact]
    public void The_largest_init_container_counts_when_it_asks_for_more()
    {
        var pod = Pod("1", "cpu");
        pod.Spec.InitContainers = [Container("3", "cpu")];

        Assert.Equal(3, NodeFit.Requests(pod)["cpu"]);
    }

    [Fact]
    public void A_full_node_takes_no_more() =>
        Assert.Contains("Too many pods", NodeFit.Reasons(Pod("0", "cpu"), Node(), [Pod("0", "cpu"), Pod("0", "cpu"), Pod("0", "cpu")]));

    private static V1Node Node() => new()
    {
        Metadata = new V1ObjectMeta { Name = "node" },
        Status = new V1NodeStatus
        {
            Allocatable = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("4"), ["pods"] = new("3") },
            Conditions = [new V1NodeCondition { Type = "Ready", Status = "True" }],
        },
    };

    private static V1Pod Pod(string amount, string resource) => new()
    {
        Metadata = new V1ObjectMeta { Name = "pod" },
        Spec = new V1PodSpec { Containers = [Container(amount, resource)] },
    };

    private static V1Container Container(string amount, string resource) => new()
    {
        Name = "main",
        Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { [resource] = new(amount) } },
    };
}
