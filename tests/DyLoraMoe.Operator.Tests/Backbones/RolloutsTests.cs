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
        var pod = Pod("PodScheduled", "False", "Unschedulable", "0/3 nodes are available");

        Assert.Equal((Reasons.Unschedulable, "Pod router-1: 0/3 nodes are available"), Rollouts.ExcuseOf(Deployment(isStuck: true), [Pod("Ready", "True"), pod], _now));
        Assert.Equal(Reasons.Unschedulable, Rollouts.ExcuseOf(Deployment(isStuck: false), [pod], _now)?.Reason);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(560, true)]
    [InlineData(580, false)]
    [InlineData(6000, false)]
    public void A_pod_that_got_its_node_late_has_the_time_that_others_had(int seconds, bool isExcused)
    {
        var pod = Pod("PodScheduled", "True", seconds: seconds);

        Assert.Equal(isExcused ? Reasons.RollingOut : null, Rollouts.ExcuseOf(Deployment(isStuck: true), [pod], _now)?.Reason);
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: false), [pod], _now));
    }

    [Fact]
    public void Pods_that_serve_or_are_unknown_excuse_nothing()
    {
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [], _now));
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [new() { Metadata = new() { Name = "router-1" } }], _now));

        var ready = Pod("PodScheduled", "True", seconds: 10);
        ready.Status.Conditions.Add(new() { Type = "Ready", Status = "True" });
        Assert.Null(Rollouts.ExcuseOf(Deployment(isStuck: true), [ready], _now));
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

    private static V1Pod Pod(string type, string status, string? reason = null, string? message = null, int seconds = 0) => new()
    {
        Metadata = new() { Name = "router-1" },
        Status = new() { Phase = "Pending", Conditions = [new() { Type = type, Status = status, Reason = reason, Message = message, LastTransitionTime = _now.UtcDateTime.AddSeconds(-seconds) }] },
    };
}
