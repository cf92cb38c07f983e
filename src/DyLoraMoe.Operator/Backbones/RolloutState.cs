using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Jobs;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>How the roll of a Deployment is, as <c>kubectl rollout status</c> tells it.</summary>
internal enum RolloutState
{
    /// <summary>Pods are being replaced.</summary>
    Progressing,

    /// <summary>All pods have the newest template and are available.</summary>
    Complete,

    /// <summary>It stood still for longer than its deadline.</summary>
    Stuck,
}

/// <summary>Reading of a Deployment: pure rules.</summary>
internal static class Rollouts
{
    // Kubernetes' own.
    private const int DefaultDeadline = 600;

    // A pod that had its node at once is placed a little after the roll began.
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(30);

    /// <summary>The revision that its pod template refers to.</summary>
    public static string? RevisionOf(V1Deployment? deployment) =>
        deployment?.Spec?.Template?.Metadata?.Annotations is { } notes && notes.TryGetValue(Annotations.Revision, out var revision) ? revision : null;

    /// <summary>Why Kubernetes may not create a pod of it, in its words; null where it may.</summary>
    public static string? RefusalOf(V1Deployment deployment) =>
        deployment.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "ReplicaFailure", Status: "True", Reason: "FailedCreate" })?.Message;

    /// <summary>What keeps pods from serving that is no fault of what they are to serve: they may not be made, do not start, or got a node too late for the deadline. Null where nothing does.</summary>
    /// <param name="deployment">The Deployment.</param>
    /// <param name="pods">Its pods of the revision that is being rolled out.</param>
    /// <param name="now">The time.</param>
    public static (string Reason, string Message)? ExcuseOf(V1Deployment deployment, IEnumerable<V1Pod> pods, DateTimeOffset now)
    {
        var isStuck = StateOf(deployment) == RolloutState.Stuck;
        var deadline = TimeSpan.FromSeconds(deployment.Spec?.ProgressDeadlineSeconds ?? DefaultDeadline) - _slack;
        var waiting = pods.Where(pod => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) != true).ToList();
        if (isStuck && waiting.Exists(pod => pod.Status?.Phase is not "Pending" && !(now - PlacedAt(pod) < deadline)))
        {
            return null;
        }

        return waiting.Select(JobReading.Blocked).FirstOrDefault(blocked => blocked is not null)
            ?? (!isStuck ? null
            : waiting.Count > 0 ? (Reasons.RollingOut, $"Pod {waiting[0].Metadata.Name} has not started, or only just got its node.")
            : RefusalOf(deployment) is { } refusal ? (Reasons.FailedCreate, refusal)
            : null);

        static DateTime? PlacedAt(V1Pod pod) => pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "True" })?.LastTransitionTime;
    }

    public static RolloutState StateOf(V1Deployment deployment)
    {
        var status = deployment.Status;
        if (status is null || (status.ObservedGeneration ?? 0) < (deployment.Metadata.Generation ?? 0))
        {
            return RolloutState.Progressing;
        }

        if (status.Conditions?.Any(condition => condition.Type == "Progressing" && condition.Status == "False" && condition.Reason == "ProgressDeadlineExceeded") == true)
        {
            return RolloutState.Stuck;
        }

        var (wanted, updated) = (deployment.Spec.Replicas ?? 1, status.UpdatedReplicas ?? 0);
        return updated >= wanted && (status.Replicas ?? 0) <= updated && (status.AvailableReplicas ?? 0) >= updated ? RolloutState.Complete : RolloutState.Progressing;
    }
}
