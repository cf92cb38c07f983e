using DyLoraMoe.Api;
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
    /// <summary>The revision that its pod template refers to.</summary>
    public static string? RevisionOf(V1Deployment? deployment) =>
        deployment?.Spec?.Template?.Metadata?.Annotations is { } notes && notes.TryGetValue(Annotations.Revision, out var revision) ? revision : null;

    /// <summary>Why Kubernetes may not create a pod of it, in its words; null where it may.</summary>
    public static string? RefusalOf(V1Deployment deployment) =>
        deployment.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "ReplicaFailure", Status: "True", Reason: "FailedCreate" })?.Message;

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
