using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Plain questions about a pod.</summary>
internal static class PodFacts
{
    public static bool IsSucceeded(this V1Pod pod) => pod.Status?.Phase == "Succeeded";

    public static bool IsFailed(this V1Pod pod) => pod.Status?.Phase == "Failed";

    public static bool IsFinished(this V1Pod pod) => pod.IsSucceeded() || pod.IsFailed();

    public static bool IsTerminating(this V1Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    /// <summary>Neither finished nor being deleted.</summary>
    public static bool IsActive(this V1Pod pod) => !pod.IsFinished() && !pod.IsTerminating();

    public static bool IsReady(this V1Pod pod) => pod.Condition("Ready")?.Status == "True";

    public static bool IsAvailable(this V1Pod pod, int minReadySeconds, DateTime now) =>
        pod.AvailableAt(minReadySeconds) is { } at && at <= now;

    /// <summary>When a ready pod counts as available; null while it is not ready.</summary>
    public static DateTime? AvailableAt(this V1Pod pod, int minReadySeconds) =>
        pod.Condition("Ready") is { Status: "True" } ready
            ? minReadySeconds == 0 ? DateTime.MinValue : (ready.LastTransitionTime ?? DateTime.MinValue).AddSeconds(minReadySeconds)
            : null;

    public static V1PodCondition? Condition(this V1Pod pod, string type) =>
        pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    public static int Restarts(this V1Pod pod) =>
        (pod.Status?.ContainerStatuses?.Sum(status => status.RestartCount) ?? 0)
        + (pod.Status?.InitContainerStatuses?.Sum(status => status.RestartCount) ?? 0);

    /// <summary>When the last container of a finished pod ended.</summary>
    public static DateTime? FinishedAt(this V1Pod pod)
    {
        DateTime? last = null;
        foreach (var status in (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []))
        {
            if (status.State?.Terminated?.FinishedAt is { } at && (last is null || at > last))
            {
                last = at;
            }
        }

        return last ?? pod.Condition("Ready")?.LastTransitionTime ?? pod.Metadata.DeletionTimestamp ?? pod.Metadata.CreationTimestamp;
    }
}
