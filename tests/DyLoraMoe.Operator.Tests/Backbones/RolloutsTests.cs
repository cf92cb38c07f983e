using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Backbones;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Backbones;

public sealed class RolloutsTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pod_without_a_node_is_an_excuse_whether_the_roll_is_stuck_or_not()
    {
        var pod = Pod("Pending", new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available" });

        Assert.Equal((Reasons.Unschedulable, "Pod router-1: 0/3 nodes are available"), Rollouts.ExcuseOf(Deployment(isStuck: true), [pod], _now));
        Assert.Equal(Reasons.Unschedulable, Rollouts.ExcuseOf(Deployment(isStuck: false), [pod], _now)?.Reason);
    }

    [Fact]
    public void A_pod_that_failed_by_itself_is_not_excused_by_another_without_a_node()
    {
        var pending = Pod("Pending", new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available" });

        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [pending, Pod("Running", Placed(1000))], _now));
        Assert.NotNull(Rollouts.ExcuseOf(Deployment(isStuck: true), [pending, Pod("Running", Placed(10))], _now));
    }

    [Fact]
    public void A_pod_that_never_started_says_nothing_about_its_set()
    {
        var pod = Pod("Pending", Placed(6000));
        Assert.Equal(Reasons.RollingOut, Rollouts.ExcuseOf(Deployment(isStuck: true), [pod], _now)?.Reason);

        pod.Status.ContainerStatuses = [new() { Name = "router", State = new() { Waiting = new() { Reason = "ImagePullBackOff", Message = "the registry is away" } } }];
        Assert.Equal((Reasons.ImagePullFailed, "Pod router-1: the registry is away"), Rollouts.ExcuseOf(Deployment(isStuck: true), [pod], _now));
    }

    [Fact]
    public void Pods_that_may_not_be_made_are_an_excuse_where_there_are_none()
    {
        var deployment = Deployment(isStuck: true);
        deployment.Status.Conditions.Add(new() { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "exceeded quota: gpus" });

        Assert.Equal((Reasons.FailedCreate, "exceeded quota: gpus"), Rollouts.ExcuseOf(deployment, [], _now));
        Assert.Null(Rollouts.ExcuseOf(deployment, [Pod("Running", Placed(6000))], _now));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(560, true)]
    [InlineData(580, false)]
    [InlineData(6000, false)]
    public void A_pod_that_got_its_node_late_has_the_time_that_others_had(int seconds, bool isExcused)
    {
        var pod = Pod("Running", Placed(seconds));

        Assert.Equal(isExcused ? Reasons.RollingOut : null, Rollouts.ExcuseOf(Deployment(isStuck: true), [pod], _now)?.Reason);
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: false), [pod], _now));
    }

    [Fact]
    public void Pods_that_serve_or_are_unknown_excuse_nothing()
    {
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [], _now));
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [new() { Metadata = new() { Name = "router-1" } }], _now));
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [Pod("Running", Placed(10), new V1PodCondition { Type = "Ready", Status = "True" })], _now));
    }

    private static V1Deployment Deployment(bool isStuck) => new()
    {
        Metadata = new() { Name = "router", Generation = 2 },
        Spec = new() { Replicas = 1, ProgressDeadlineSeconds = 600 },
        Status = new()
        {
            ObservedGeneration = 2,
            Replicas = 2,
            UpdatedReplicas = 1,
            Conditions = [new() { Type = "Progressing", Status = isStuck ? "False" : "True", Reason = isStuck ? "ProgressDeadlineExceeded" : "ReplicaSetUpdated" }],
        },
    };

    private static V1PodCondition Placed(int seconds) => new() { Type = "PodScheduled", Status = "True", LastTransitionTime = _now.UtcDateTime.AddSeconds(-seconds) };

    private static V1Pod Pod(string phase, params V1PodCondition[] conditions) => new() { Metadata = new() { Name = "router-1" }, Status = new() { Phase = phase, Conditions = [.. conditions] } };
}
