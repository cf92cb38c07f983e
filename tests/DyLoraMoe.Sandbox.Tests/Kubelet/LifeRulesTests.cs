using DyLoraMoe.Sandbox.Kubelet;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Kubelet;

public class LifeRulesTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Theory]
    [InlineData("Always", null, false, 0, true)]
    [InlineData("Always", null, true, 0, false)]
    [InlineData("OnFailure", null, false, 0, false)]
    [InlineData("OnFailure", null, false, 1, true)]
    [InlineData("Never", null, false, 1, false)]
    [InlineData("Never", "Always", true, 0, true)]
    public void The_restart_policy_decides(string policy, string? own, bool init, int code, bool restarts) =>
        Assert.Equal(restarts, RestartRules.Restarts(policy, own, init, code));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(40, 300)]
    public void Crashes_back_off(int crashes, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RestartRules.Backoff(crashes, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)));

    [Fact]
    public void A_probe_changes_its_mind_at_its_thresholds()
    {
        var tally = new ProbeTally(true, 2, 3);
        Assert.False(tally.Count(false));
        Assert.False(tally.Count(false));
        Assert.True(tally.Count(false));
        Assert.False(tally.Passing);
        tally.Count(true);
        Assert.False(tally.Passing);
        tally.Count(true);
        Assert.True(tally.Passing);
    }

    [Fact]
    public void A_success_between_failures_starts_the_count_anew()
    {
        var tally = new ProbeTally(true, 1, 2);
        tally.Count(false);
        tally.Count(true);
        Assert.False(tally.Count(false));
    }

    [Fact]
    public void A_pod_that_waits_is_pending()
    {
        var status = Status([], [Snapshot()]);
        Assert.Equal("Pending", status.Phase);
        Assert.Equal("ContainersNotReady", Condition(status, "Ready").Reason);
    }

    [Fact]
    public void A_pod_with_a_ready_container_is_ready()
    {
        var status = Status([], [Running() with { Ready = true }]);
        Assert.Equal("Running", status.Phase);
        Assert.Equal("True", Condition(status, "Ready").Status);
        Assert.Equal("127.9.0.1", status.PodIP);
    }

    [Theory]
    [InlineData(0, 0, "Succeeded")]
    [InlineData(0, 2, "Failed")]
    public void A_pod_ends_as_its_containers_do(int first, int second, string phase) =>
        Assert.Equal(phase, Status([], [Ended(first), Ended(second)]).Phase);

    [Fact]
    public void A_failed_init_container_fails_the_pod() => Assert.Equal("Failed", Status([Ended(1)], [Snapshot()]).Phase);

    [Fact]
    public void A_pod_is_pending_while_init_containers_run()
    {
        var status = Status([Running()], [Snapshot()]);
        Assert.Equal("Pending", status.Phase);
        Assert.Equal("ContainersNotInitialized", Condition(status, "Initialized").Reason);
    }

    [Theory]
    [InlineData(true, "True")]
    [InlineData(false, "False")]
    public void A_pod_is_ready_when_its_sidecars_are_too(bool ready, string expected)
    {
        var sidecar = Running() with { Container = new V1Container { Name = "beside", RestartPolicy = "Always" }, Started = true, Ready = ready };
        Assert.Equal(expected, Condition(Status([sidecar], [Running() with { Ready = true }]), "Ready").Status);
    }

    [Fact]
    public void A_pod_that_is_lost_is_a_target_of_disruption()
    {
        var status = PodStatusRules.Status(
            Pod(), new PodFindings([], [Ended(137)], "127.9.0.1", new PodEnd("NodeRestarted", "stopped", "TerminationByKubelet"), true), Now);
        Assert.Equal("Failed", status.Phase);
        Assert.Equal("TerminationByKubelet", Condition(status, "DisruptionTarget").Reason);
    }

    [Fact]
    public void Times_of_conditions_change_with_their_values_alone()
    {
        var pod = Pod();
        pod.Status = Status([], [Running()]);
        var later = PodStatusRules.Status(pod, new PodFindings([], [Running() with { Ready = true }], "127.9.0.1", null, false), Now.AddMinutes(1));
        Assert.Equal(Now.AddMinutes(1), Condition(later, "Ready").LastTransitionTime);
        Assert.Equal(Now, Condition(later, "Initialized").LastTransitionTime);
    }

    [Fact]
    public void The_downward_api_reads_names_labels_and_addresses()
    {
        var pod = Pod();
        pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "x" };
        Assert.Equal("x", PodFields.Read(pod, "metadata.labels['app']", ""));
        Assert.Equal("pod", PodFields.Read(pod, "metadata.name", ""));
        Assert.Equal("127.9.0.1", PodFields.Read(pod, "status.podIP", "127.9.0.1"));
        Assert.Equal("app=\"x\"", PodFields.Read(pod, "metadata.labels", ""));
        Assert.Throws<SetupException>(() => PodFields.Read(pod, "spec.other", ""));
    }

    private static V1PodStatus Status(ContainerSnapshot[] init, ContainerSnapshot[] main) =>
        PodStatusRules.Status(Pod(), new PodFindings(init, main, "127.9.0.1", null, false), Now);

    private static V1PodCondition Condition(V1PodStatus status, string type) => status.Conditions.Single(condition => condition.Type == type);

    private static V1Pod Pod() => new()
    {
        Metadata = new V1ObjectMeta { Name = "pod", NamespaceProperty = "default", Uid = "uid" },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main" }] },
    };

    private static ContainerSnapshot Snapshot() => new(new V1Container { Name = "main", Image = "image" });

    private static ContainerSnapshot Running() => Snapshot() with
    {
        State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = Now } },
    };

    private static ContainerSnapshot Ended(int code) => Snapshot() with
    {
        Done = true,
        State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = code } },
    };
}
