using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>The conditions Available and Progressing, as kubectl rollout status reads them.</summary>
internal static class DeploymentConditions
{
    public const string Available = "Available";
    public const string Progressing = "Progressing";
    public const string TimedOut = "ProgressDeadlineExceeded";
    public const string SetNotCreated = "ReplicaSetCreateError";
    public const string NewSetAvailable = "NewReplicaSetAvailable";

    public static V1DeploymentStatus Compute(V1Deployment deployment, V1ReplicaSet? current, IReadOnlyList<V1ReplicaSet> sets, DateTime now)
    {
        var before = deployment.Status ?? new V1DeploymentStatus();
        var replicas = sets.Sum(set => set.Status?.Replicas ?? 0);
        var available = sets.Sum(set => set.Status?.AvailableReplicas ?? 0);
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = replicas,
            UpdatedReplicas = current?.Status?.Replicas ?? 0,
            ReadyReplicas = sets.Sum(set => set.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, sets.Sum(set => set.Spec.Replicas ?? 1) - available),
            CollisionCount = before.CollisionCount,
            Conditions = [.. (before.Conditions ?? []).Select(condition => condition with { })],
        };
        var enough = available >= RollingUpdate.Of(deployment).MinAvailable;
        Set(status, Available, enough ? "True" : "False",
            enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", now, touch: false);
        Progress(deployment, current, before, status, now);
        ReplicaFailures.PassOn(status, current, sets, now);
        return status;
    }

    public static bool IsComplete(V1Deployment deployment, V1DeploymentStatus status)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        return status.UpdatedReplicas == wanted && status.Replicas == wanted && status.AvailableReplicas == wanted
            && status.ObservedGeneration >= deployment.Metadata.Generation;
    }

    /// <summary>How long until a rollout without progress counts as failed; null when no such wait is on.</summary>
    public static TimeSpan? UntilDeadline(V1Deployment deployment, V1DeploymentStatus status, DateTime now) =>
        deployment.Spec.ProgressDeadlineSeconds is { } seconds and not int.MaxValue && deployment.Spec.Paused != true
            && Find(status, Progressing) is { Status: not "False", Reason: not NewSetAvailable } condition
            ? (condition.LastUpdateTime ?? now).AddSeconds(seconds) - now
            : null;

    public static V1DeploymentCondition? Find(V1DeploymentStatus? status, string type) =>
        status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    public static void Set(V1DeploymentStatus status, string type, string value, string reason, string message, DateTime now, bool touch)
    {
        status.Conditions ??= [];
        var known = Find(status, type);
        if (known is not null && known.Status == value && known.Reason == reason && !touch)
        {
            return;
        }

        var transition = known?.Status == value ? known.LastTransitionTime : now;
        status.Conditions = [.. status.Conditions.Where(condition => condition.Type != type), new V1DeploymentCondition
        {
            Type = type,
            Status = value,
            Reason = reason,
            Message = message,
            LastUpdateTime = now,
            LastTransitionTime = transition,
        }];
    }

    private static void Progress(V1Deployment deployment, V1ReplicaSet? current, V1DeploymentStatus before, V1DeploymentStatus status, DateTime now)
    {
        if (deployment.Spec.ProgressDeadlineSeconds == int.MaxValue)
        {
            return;
        }

        var subject = current is null ? $"Deployment \"{deployment.Metadata.Name}\"" : $"ReplicaSet \"{current.Metadata.Name}\"";
        var known = Find(before, Progressing);
        if (deployment.Spec.Paused == true)
        {
            if (known?.Reason != "DeploymentPaused")
            {
                Set(status, Progressing, "Unknown", "DeploymentPaused", "Deployment is paused", now, touch: false);
            }

            return;
        }

        if (known?.Reason == "DeploymentPaused")
        {
            Set(status, Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now, touch: false);
            return;
        }

        // A finished rollout stays finished when only pods come and go; a new one starts with a new set.
        var settled = status.Replicas == status.UpdatedReplicas && known?.Reason == NewSetAvailable;
        if (settled)
        {
            return;
        }

        if (IsComplete(deployment, status))
        {
            Set(status, Progressing, "True", NewSetAvailable, $"{subject} has successfully progressed.", now, touch: false);
        }
        else if (HasProgressed(before, status))
        {
            Set(status, Progressing, "True", "ReplicaSetUpdated", $"{subject} is progressing.", now, touch: true);
        }
        else if (UntilDeadline(deployment, status, now) is { Ticks: <= 0 })
        {
            Set(status, Progressing, "False", TimedOut, $"{subject} has timed out progressing.", now, touch: false);
        }
    }

    private static bool HasProgressed(V1DeploymentStatus before, V1DeploymentStatus status)
    {
        var oldBefore = (before.Replicas ?? 0) - (before.UpdatedReplicas ?? 0);
        var oldNow = (status.Replicas ?? 0) - (status.UpdatedReplicas ?? 0);
        return status.UpdatedReplicas > (before.UpdatedReplicas ?? 0)
            || oldNow < oldBefore
            || status.ReadyReplicas > (before.ReadyReplicas ?? 0)
            || status.AvailableReplicas > (before.AvailableReplicas ?? 0);
    }
}
