using DyLoraMoe.Sandbox.Controllers.Jobs;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Jobs;

public class JobRulesTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public void A_new_job_gets_its_pods()
    {
        var decision = Decide(Job(completions: 3, parallelism: 2));

        Assert.Equal(2, decision.Create);
        Assert.Equal(2, decision.Status.Active);
        Assert.Equal(Now, decision.Status.StartTime);
    }

    [Fact]
    public void Running_pods_are_not_doubled() =>
        Assert.Equal(0, Decide(Job(), Pod("a", "Running")).Create);

    [Fact]
    public void A_pod_that_ended_is_listed_before_it_is_released_and_counted_after()
    {
        var job = Job();
        var first = Decide(job, Pod("a", "Succeeded"));
        Assert.Equal(["a"], first.Status.UncountedTerminatedPods.Succeeded);
        Assert.Null(first.Status.Succeeded);
        Assert.Equal("a", Assert.Single(first.Release).Metadata.Uid);

        job.Status = first.Status;
        var second = Decide(job, Pod("a", "Succeeded", tracked: false));
        Assert.Equal(1, second.Status.Succeeded);
        Assert.Null(second.Status.UncountedTerminatedPods.Succeeded);
    }

    [Fact]
    public void The_last_success_meets_the_criteria_first_and_completes_afterwards()
    {
        var job = Job();
        job.Status = Decide(job, Pod("a", "Succeeded")).Status;
        Assert.Equal([JobNames.SuccessCriteriaMet], Types(job.Status));

        job.Status = Decide(job, Pod("a", "Succeeded", tracked: false)).Status;
        Assert.Equal([JobNames.SuccessCriteriaMet, JobNames.Complete], Types(job.Status));
        Assert.Equal(Now, job.Status.CompletionTime);
        Assert.Equal(0, job.Status.Active);
    }

    [Fact]
    public void A_finished_job_makes_no_pods()
    {
        var job = Finished(JobNames.Complete, Now);

        Assert.Equal(0, Decide(job).Create);
        Assert.False(Decide(job).Expired);
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(11, false)]
    public void A_finished_job_expires_after_its_time_to_live(int ttl, bool expired)
    {
        var job = Finished(JobNames.Failed, Now.AddSeconds(-10));
        job.Spec.TtlSecondsAfterFinished = ttl;

        var decision = Decide(job);

        Assert.Equal(expired, decision.Expired);
        Assert.Equal(expired ? null : TimeSpan.FromSeconds(1), decision.Revisit);
    }

    [Fact]
    public void A_failure_is_replaced_after_the_backoff_alone()
    {
        var job = Job(backoffLimit: 3);
        var failed = Pod("a", "Failed", finished: Now);
        var decision = Decide(job, failed);
        Assert.Equal(0, decision.Create);
        Assert.Equal(TimeSpan.FromSeconds(1), decision.Revisit);

        Assert.Equal(1, Decide(job, Pod("a", "Failed", finished: Now.AddSeconds(-2))).Create);
    }

    [Fact]
    public void One_failure_beyond_the_limit_fails_the_job()
    {
        var job = Job(backoffLimit: 0);
        job.Status = Decide(job, Pod("a", "Failed")).Status;
        Assert.Equal([JobNames.FailureTarget], Types(job.Status));
        Assert.Equal(JobNames.BackoffLimitExceeded, job.Status.Conditions[0].Reason);

        job.Status = Decide(job, Pod("a", "Failed", tracked: false)).Status;
        Assert.Equal([JobNames.FailureTarget, JobNames.Failed], Types(job.Status));
        Assert.Equal(1, job.Status.Failed);
        Assert.Null(job.Status.CompletionTime);
    }

    [Fact]
    public void The_deadline_ends_running_pods_and_counts_them_as_failed()
    {
        var job = Job();
        job.Spec.ActiveDeadlineSeconds = 5;
        job.Status = new V1JobStatus { StartTime = Now.AddSeconds(-5) };

        var decision = Decide(job, Pod("a", "Running"));

        Assert.Equal("a", Assert.Single(decision.Delete).Metadata.Uid);
        Assert.Equal(["a"], decision.Status.UncountedTerminatedPods.Failed);
        Assert.Equal(JobNames.DeadlineExceeded, decision.Status.Conditions[0].Reason);
    }

    [Fact]
    public void A_job_before_its_deadline_is_looked_at_again_then()
    {
        var job = Job();
        job.Spec.ActiveDeadlineSeconds = 60;
        job.Status = new V1JobStatus { StartTime = Now.AddSeconds(-20) };

        Assert.Equal(TimeSpan.FromSeconds(40), Decide(job, Pod("a", "Running")).Revisit);
    }

    [Fact]
    public void A_suspended_job_lets_its_pods_go_without_counting_them()
    {
        var job = Job();
        job.Spec.Suspend = true;

        var decision = Decide(job, Pod("a", "Running"));

        Assert.Single(decision.Delete);
        Assert.True(decision.ReleaseDeleted);
        Assert.Equal(0, decision.Create);
        Assert.Equal([JobNames.Suspended], Types(decision.Status));
        Assert.Null(decision.Status.StartTime);
    }

    [Fact]
    public void A_resumed_job_starts_its_time_anew()
    {
        var job = Job();
        job.Status = new V1JobStatus
        {
            StartTime = Now.AddHours(-1),
            Conditions = [new V1JobCondition { Type = JobNames.Suspended, Status = "True" }],
        };

        var decision = Decide(job);

        Assert.Equal(Now, decision.Status.StartTime);
        Assert.Equal("False", decision.Status.Conditions[0].Status);
        Assert.Equal(1, decision.Create);
    }

    [Fact]
    public void Surplus_pods_go_when_parallelism_shrinks()
    {
        var decision = Decide(Job(completions: 4, parallelism: 1), Pod("a", "Running"), Pod("b", "Running"));

        Assert.Single(decision.Delete);
        Assert.True(decision.ReleaseDeleted);
    }

    [Fact]
    public void A_pod_that_ends_counts_as_terminating_and_is_replaced_at_once_by_default()
    {
        var decision = Decide(Job(), Pod("a", "Running", terminating: true));

        Assert.Equal(1, decision.Status.Terminating);
        Assert.Equal(["a"], decision.Status.UncountedTerminatedPods.Failed);
    }

    [Fact]
    public void With_replacement_on_failure_a_terminating_pod_is_waited_for()
    {
        var job = Job();
        job.Spec.PodReplacementPolicy = "Failed";

        var decision = Decide(job, Pod("a", "Running", terminating: true));

        Assert.Equal(0, decision.Create);
        Assert.Null(decision.Status.UncountedTerminatedPods.Failed);
    }

    [Fact]
    public void Indexed_jobs_fill_the_indexes_that_are_free()
    {
        var job = Job(completions: 4, parallelism: 4);
        job.Spec.CompletionMode = "Indexed";
        job.Status = new V1JobStatus { CompletedIndexes = "1" };

        Assert.Equal([2, 3], Decide(job, Indexed("a", "Running", 0)).CreateIndexes);
    }

    [Fact]
    public void A_job_of_another_manager_is_left_alone()
    {
        var job = Job();
        job.Spec.ManagedBy = "example.com/queue";

        Assert.Equal(0, Decide(job).Create);
    }

    [Fact]
    public void A_disrupted_pod_does_not_count_when_the_policy_ignores_it()
    {
        var job = Job(backoffLimit: 0);
        job.Spec.PodFailurePolicy = IgnoreDisruptions();
        var pod = Pod("a", "Failed", finished: Now.AddMinutes(-1));
        pod.Status.Conditions = [new V1PodCondition { Type = "DisruptionTarget", Status = "True" }];

        var decision = Decide(job, pod);

        Assert.Null(decision.Status.UncountedTerminatedPods.Failed);
        Assert.Single(decision.Release);
        Assert.Null(decision.Status.Conditions);
    }

    [Fact]
    public void An_exit_code_of_the_policy_fails_the_job_at_once()
    {
        var job = Job(backoffLimit: 6);
        job.Spec.PodFailurePolicy = new V1PodFailurePolicy
        {
            Rules = [new V1PodFailurePolicyRule { Action = "FailJob", OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement { OperatorProperty = "In", Values = [3] } }],
        };

        var decision = Decide(job, Pod("a", "Failed", exitCode: 3));

        Assert.Equal(JobNames.PodFailurePolicy, decision.Status.Conditions[0].Reason);
        Assert.Contains("exit code 3", decision.Status.Conditions[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_job_releases_its_pods()
    {
        var job = Job();
        job.Metadata.DeletionTimestamp = Now;

        var decision = Decide(job, Pod("a", "Running"));

        Assert.Single(decision.Release);
        Assert.Equal(0, decision.Create);
    }

    private static V1PodFailurePolicy IgnoreDisruptions() => new()
    {
        Rules =
        [
            new V1PodFailurePolicyRule
            {
                Action = "Ignore",
                OnPodConditions = [new V1PodFailurePolicyOnPodConditionsPattern { Type = "DisruptionTarget", Status = "True" }],
            },
        ],
    };

    private static IEnumerable<string> Types(V1JobStatus status) => status.Conditions.Select(condition => condition.Type);

    private static JobDecision Decide(V1Job job, params V1Pod[] pods) =>
        JobRules.Decide(new JobFacts(job, pods, Now, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)));

    private static V1Job Job(int completions = 1, int parallelism = 1, int backoffLimit = 6) => new()
    {
        Metadata = new V1ObjectMeta { Name = "job", NamespaceProperty = "default", Uid = "job-uid" },
        Spec = new V1JobSpec
        {
            Completions = completions,
            Parallelism = parallelism,
            BackoffLimit = backoffLimit,
            Template = new V1PodTemplateSpec { Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "main" }] } },
        },
    };

    private static V1Job Finished(string condition, DateTime at)
    {
        var job = Job();
        job.Status = new V1JobStatus { Conditions = [new V1JobCondition { Type = condition, Status = "True", LastTransitionTime = at }] };
        return job;
    }

    private static V1Pod Indexed(string uid, string phase, int index)
    {
        var pod = Pod(uid, phase);
        pod.Metadata.Annotations = new Dictionary<string, string> { [JobNames.CompletionIndex] = $"{index}" };
        return pod;
    }

    private static V1Pod Pod(
        string uid, string phase, bool tracked = true, bool terminating = false, DateTime? finished = null, int exitCode = 1) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = uid,
                NamespaceProperty = "default",
                Uid = uid,
                Finalizers = tracked ? [JobNames.TrackingFinalizer] : [],
                DeletionTimestamp = terminating ? Now : null,
            },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "main" }] },
            Status = new V1PodStatus
            {
                Phase = phase,
                ContainerStatuses = phase is "Succeeded" or "Failed"
                ?
                [
                    new V1ContainerStatus
                    {
                        Name = "main",
                        State = new V1ContainerState
                        {
                            Terminated = new V1ContainerStateTerminated { ExitCode = phase == "Succeeded" ? 0 : exitCode, FinishedAt = finished ?? Now },
                        },
                    },
                ]
                : null,
            },
        };
}
