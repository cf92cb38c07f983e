using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>The condition ReplicaFailure: a ReplicaSet tells with it why its pods do not come or go, and its Deployment passes it on.</summary>
internal static class ReplicaFailures
{
    public const string Type = "ReplicaFailure";

    /// <summary>The conditions of a set after a try: one that failed already keeps saying since when.</summary>
    public static IList<V1ReplicaSetCondition>? Conditions(V1ReplicaSet set, ApiException? failure, DateTime now)
    {
        var known = set.Status?.Conditions?.FirstOrDefault(condition => condition.Type == Type);
        var others = (set.Status?.Conditions ?? []).Where(condition => condition.Type != Type);
        if (failure is null)
        {
            return known is null ? set.Status?.Conditions : others.ToList() is { Count: > 0 } left ? left : null;
        }

        return known is not null ? set.Status!.Conditions : [.. others, new V1ReplicaSetCondition
        {
            Type = Type,
            Status = "True",
            Reason = set.Status?.Replicas > (set.Spec.Replicas ?? 1) ? "FailedDelete" : "FailedCreate",
            Message = failure.Status,
            LastTransitionTime = now,
        }];
    }

    /// <summary>Says in a Deployment's status what its sets fail at, the current one first, or that they no longer do.</summary>
    public static void PassOn(V1DeploymentStatus status, V1ReplicaSet? current, IReadOnlyList<V1ReplicaSet> sets, DateTime now)
    {
        var failure = (current is null ? sets : [current, .. sets])
            .SelectMany(set => set.Status?.Conditions ?? []).FirstOrDefault(condition => condition.Type == Type && condition.Status == "True");
        if (failure is not null)
        {
            DeploymentConditions.Set(status, Type, "True", failure.Reason, failure.Message, now, touch: false);
        }
        else
        {
            status.Conditions = [.. (status.Conditions ?? []).Where(condition => condition.Type != Type)];
        }
    }
}
