using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>What a Job and its pods say, as pure rules: the first that holds decides.</summary>
internal static class JobReading
{
    // The job controller makes a pod within moments, or tells why not in an event alone.
    private static readonly TimeSpan _podPatience = TimeSpan.FromSeconds(20);

    /// <summary>Whether it runs, or is about to: not ended, and not held back by Kueue or a person.</summary>
    public static bool IsActive(V1Job job) => IsOpen(job) && job.Spec?.Suspend != true;

    /// <summary>Whether it takes up a slot: it runs, or waits for Kueue, which would hold a thousand as well.</summary>
    public static bool TakesSlot(V1Job job) => IsOpen(job) && (job.Spec?.Suspend != true || !IsHeld(job));

    /// <summary>Whether the operator itself has suspended it. Another that is suspended waits for Kueue, which may manage Jobs without a queue's name too, or for a person.</summary>
    public static bool IsHeld(V1Job job) => job.Spec?.Suspend == true && job.Note(JobNotes.Held) is not null;

    /// <summary>How many jobs of a backbone run.</summary>
    public static int ActiveJobs(this ICluster cluster, Backbone backbone) => cluster.JobsOf(backbone).Count(IsActive);

    /// <summary>How many jobs of a backbone take up a slot.</summary>
    public static int TakenSlots(this ICluster cluster, Backbone backbone) => cluster.JobsOf(backbone).Count(TakesSlot);

    private static IEnumerable<V1Job> JobsOf(this ICluster cluster, Backbone backbone) => cluster.ListAll<V1Job>().Where(job =>
        job.Metadata.NamespaceProperty == backbone.Metadata.NamespaceProperty && job.Tag(Labels.Backbone) == backbone.Metadata.Name);

    private static bool IsOpen(V1Job job) => !IsOver(job) && job.Metadata.DeletionTimestamp is null;

    /// <summary>Whether it has ended.</summary>
    public static bool IsOver(V1Job job) => IsTrue(job, "Complete") || IsTrue(job, "Failed");

    /// <summary>How it ended; null while it has not.</summary>
    public static JobResult? ResultOf(V1Job job, JobKind kind, IReadOnlyList<V1Pod> pods)
    {
        if (!IsOver(job))
        {
            return null;
        }

        var said = LastWords(pods, kind);
        if (IsTrue(job, "Complete"))
        {
            return said is { Outcome: JobOutcome.Succeeded }
                ? said
                : Failure(kind, Reasons.ResultMissing, $"Job {job.Metadata.Name} completed without a result that can be read.");
        }

        var failed = job.Status.Conditions.First(condition => condition.Type == "Failed");
        return failed.Reason == Reasons.DeadlineExceeded ? Failure(kind, Reasons.DeadlineExceeded, $"Job {job.Metadata.Name} took longer than it may.")
            : said is { Outcome: JobOutcome.InvalidInput } ? said
            : said is { Outcome: JobOutcome.Failed } ? said with { Reason = BucketTroubles.IsOne(said.Reason) ? said.Reason : Reasons.JobFailed, Message = Sentence(said.Message, said.Reason) }
            : Failure(kind, Reasons.JobFailed, $"Job {job.Metadata.Name} failed: {failed.Message}");
    }

    /// <summary>What a Job that has not ended waits for; null when it runs.</summary>
    /// <param name="job">The Job.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="now">The time.</param>
    public static (string Reason, string Message)? WaitsFor(V1Job job, IReadOnlyList<V1Pod> pods, DateTimeOffset now)
    {
        if (job.Spec?.Suspend == true)
        {
            return Suspension(job);
        }

        if (pods.Count == 0 && job.Status is { StartTime: { } start, Active: null or 0, Failed: null or 0 } && now - start > _podPatience)
        {
            return (Reasons.FailedCreate, $"Job {job.Metadata.Name} has no pod: a quota, a policy or an account may forbid it; 'kubectl describe job {job.Metadata.Name}' says which.");
        }

        if (pods.Select(Blocked).FirstOrDefault(blocked => blocked is not null) is { } blocked)
        {
            return blocked;
        }

        // Between two tries: the next one is begun by Kubernetes, after a while.
        return pods.Count > 0 && pods.All(pod => pod.Status?.Phase is "Failed") && pods.Select(pod => LastWords([pod], null)).OfType<JobResult>().LastOrDefault(said => BucketTroubles.IsOne(said.Reason)) is { } said
            ? (said.Reason, $"{said.Message} It is tried again.")
            : null;
    }

    /// <summary>What keeps a pod from starting, where Kubernetes says it: no node, no image, no Secret.</summary>
    public static (string Reason, string Message)? Blocked(V1Pod pod)
    {
        if (pod.Status is not { Phase: "Pending" } status)
        {
            return null;
        }

        if (status.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Reason: "Unschedulable" }) is { } unscheduled)
        {
            return (Reasons.Unschedulable, $"Pod {pod.Metadata.Name}: {unscheduled.Message}");
        }

        var waiting = status.ContainerStatuses?.Select(each => each.State?.Waiting).FirstOrDefault(state => state is not null);
        var reason = waiting?.Reason switch
        {
            "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" => Reasons.ImagePullFailed,
            "CreateContainerConfigError" when IsOfSecret(waiting.Message) => Reasons.SecretNotFound,
            _ => null,
        };
        return reason is null ? null : (reason, $"Pod {pod.Metadata.Name}: {waiting!.Message ?? waiting.Reason}");
    }

    // As the kubelet says it of a Secret, and of a key that it has not.
    private static bool IsOfSecret(string? message) =>
        message is not null && (message.StartsWith("secret ", StringComparison.Ordinal) || message.Contains(" in secret ", StringComparison.OrdinalIgnoreCase));

    /// <summary>What the container that ended last left; null when it left nothing that can be read.</summary>
    public static JobResult? LastWords(IReadOnlyList<V1Pod> pods, JobKind? kind)
    {
        var ended = pods
            .SelectMany(pod => pod.Status?.ContainerStatuses ?? [])
            .Select(status => status.State?.Terminated ?? status.LastState?.Terminated)
            .Where(state => state?.Message is { Length: > 0 })
            .OrderByDescending(state => state!.ExitCode == JobExitCode.Succeeded)
            .ThenByDescending(state => state!.FinishedAt ?? DateTime.MinValue);
        foreach (var state in ended)
        {
            try
            {
                var result = ContractJson.Read<JobResult>(state!.Message);
                if ((kind is null || result.Kind == kind) && HasPart(result))
                {
                    return result;
                }
            }
            catch (InvalidDataException)
            {
                // Not a result: what the runtime or a crash left there.
            }
        }

        return null;
    }

    /// <summary>Why a Job waits that Kueue has stopped: it goes on from its last checkpoint.</summary>
    public static (string Reason, string Message) Preemption(V1Job job) =>
        (Reasons.Preempted, $"Kueue took the resources of Job {job.Metadata.Name} away; it goes on when it is admitted again.");

    private static bool HasPart(JobResult result) => result.Outcome != JobOutcome.Succeeded || result.Kind switch
    {
        JobKind.Prepare => result.Prepare is not null,
        JobKind.Assess => result.Assess is not null,
        JobKind.Train or JobKind.Import or JobKind.Migrate => result.Train is not null,
        JobKind.Grow => result.Grow is not null,
        JobKind.Consolidate => result.Consolidate is not null,
        JobKind.FitRouter => result.FitRouter is not null,
        JobKind.Check => result.Check is not null,
        _ => true,
    };

    private static (string Reason, string Message) Suspension(V1Job job)
    {
        if (job.Metadata.Labels?.ContainsKey(Labels.KueueQueue) != true)
        {
            return (Reasons.Suspended, $"Job {job.Metadata.Name} is suspended{(IsHeld(job) ? "" : ", and not by the operator: Kueue has not admitted it yet, or a person lets it wait")}.");
        }

        // That it had begun nothing on it says for sure, for Kueue takes its start time back; its workload does.
        return (Reasons.WaitingForQuota, $"Kueue has not admitted Job {job.Metadata.Name} yet.");
    }

    private static bool IsTrue(V1Job job, string type) => job.Status?.Conditions?.Any(condition => condition.Type == type && condition.Status == "True") == true;

    private static JobResult Failure(JobKind kind, string reason, string message) => new() { Kind = kind, Outcome = JobOutcome.Failed, Reason = reason, Message = message };

    private static string Sentence(string message, string reason) => message.Length > 0 ? message : reason;
}
