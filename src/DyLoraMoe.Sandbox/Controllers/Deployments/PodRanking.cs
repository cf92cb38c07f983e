using System.Globalization;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>Which pods of a ReplicaSet go first when it shrinks: those that serve least, then the youngest.</summary>
internal static class PodRanking
{
    public static IEnumerable<V1Pod> FirstToGo(IEnumerable<V1Pod> pods) => pods
        .OrderBy(pod => string.IsNullOrEmpty(pod.Spec.NodeName) ? 0 : 1)
        .ThenBy(pod => pod.Status?.Phase switch { "Running" => 2, "Unknown" => 1, _ => 0 })
        .ThenBy(pod => pod.IsReady() ? 1 : 0)
        .ThenBy(Cost)
        .ThenByDescending(pod => pod.IsReady() ? pod.Condition("Ready")!.LastTransitionTime : null)
        .ThenByDescending(pod => pod.Restarts())
        .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
        .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal);

    private static int Cost(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue(DeploymentNames.PodDeletionCost, out var text) == true
        && int.TryParse(text, CultureInfo.InvariantCulture, out var cost) ? cost : 0;
}
