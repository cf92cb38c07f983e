using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Jobs;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Jobs;

public sealed class JobReadingTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 1, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("ImagePullBackOff", "Back-off pulling image", Reasons.ImagePullFailed)]
    [InlineData("ErrImagePull", "not found", Reasons.ImagePullFailed)]
    [InlineData("CreateContainerConfigError", "secret \"s3\" not found", Reasons.SecretNotFound)]
    [InlineData("CreateContainerConfigError", "couldn't find key AWS_ACCESS_KEY_ID in Secret team/s3", Reasons.SecretNotFound)]
    [InlineData("CreateContainerConfigError", "configmap \"request\" not found", null)]
    [InlineData("ContainerCreating", null, null)]
    public void A_pod_that_cannot_start_says_why(string waits, string? message, string? reason)
    {
        var pod = Pending();
        pod.Status.ContainerStatuses = [new() { Name = "dylora", State = new() { Waiting = new() { Reason = waits, Message = message } } }];

        var found = JobReading.WaitsFor(Job(), [pod], _now);

        Assert.Equal(reason, found?.Reason);
        Assert.Equal(reason is null ? null : $"Pod learn-1: {message}", found?.Message);
    }

    [Fact]
    public void A_pod_that_no_node_takes_says_so()
    {
        var pod = Pending();
        pod.Status.Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available" }];

        Assert.Equal((Reasons.Unschedulable, "Pod learn-1: 0/3 nodes are available"), JobReading.WaitsFor(Job(), [pod], _now));
    }

    [Theory]
    [InlineData(59, null, null, Reasons.FailedCreate)]
    [InlineData(5, null, null, null)]
    [InlineData(59, 1, null, null)]
    [InlineData(59, null, 1, null)]
    [InlineData(null, null, null, null)]
    public void A_Job_whose_pod_may_not_be_says_where_to_look(int? seconds, int? active, int? failed, string? reason)
    {
        var job = Job();
        job.Status = new() { StartTime = seconds is null ? null : _now.AddSeconds(-seconds.Value).UtcDateTime, Active = active, Failed = failed };

        var found = JobReading.WaitsFor(job, [], _now);

        Assert.Equal(reason, found?.Reason);
        Assert.Equal(reason is not null, found?.Message.Contains("kubectl describe job learn", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(true, Reasons.WaitingForQuota)]
    [InlineData(false, Reasons.Suspended)]
    public void A_suspended_Job_waits_for_whoever_suspended_it(bool isKueues, string reason)
    {
        var job = Job();
        job.Spec.Suspend = true;
        job.Metadata.Labels = isKueues ? new Dictionary<string, string> { [Labels.KueueQueue] = "team" } : null;

        Assert.Equal(reason, JobReading.WaitsFor(job, [], _now)?.Reason);
    }

    [Fact]
    public void A_Job_that_runs_waits_for_nothing()
    {
        var pod = Pending();
        pod.Status.Phase = "Running";

        Assert.Null(JobReading.WaitsFor(Job(), [pod], _now));
    }

    private static V1Job Job() => new() { Metadata = new() { Name = "learn" }, Spec = new() };

    private static V1Pod Pending() => new() { Metadata = new() { Name = "learn-1" }, Status = new() { Phase = "Pending" } };
}
