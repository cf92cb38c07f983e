using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using k8s.Models;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Whose turn it is, of several Growths of a Backbone: one whose job runs, then one that has begun, then the oldest.</summary>
internal static class GrowthTurns
{
    /// <summary>The Growth that a visited one has to wait for; null when it is its turn.</summary>
    public static Growth? Before(ICluster cluster, GrowthScope scope)
    {
        if (scope.Status.AdoptionTime is not null)
        {
            return null;
        }

        var active = scope.ActiveSet.Set.Backbone.Digest;
        var first = cluster.Growths(scope.Backbone)
            .Where(growth => IsVisited(growth) || IsUnderWay(growth))
            .OrderBy(growth => Rank(cluster, growth, IsVisited(growth) ? scope.Status : growth.Status, active))
            .FirstOrDefault();
        return first is null || IsVisited(first) ? null : first;

        bool IsVisited(Growth growth) => growth.Metadata.Name == scope.Name;
    }

    /// <summary>Whether a job of a Growth runs, or has ended and nobody has read how. Kueue decides when its own run, so one in its queue counts as well.</summary>
    public static bool HasRunningJob(ICluster cluster, Growth growth) =>
        Open(cluster, growth).Any(request => cluster.Find<V1Job>(request.Metadata.NamespaceProperty, request.Metadata.Name) is { } job && (job.Spec?.Suspend != true || job.Tag(Labels.KueueQueue) is not null));

    private static int Rank(ICluster cluster, Growth growth, GrowthStatus status, string? active) =>
        HasRunningJob(cluster, growth) ? 0
        : Open(cluster, growth).Any() || (status.Backbone is not null && status.From == active) ? 1
        : 2;

    private static IEnumerable<V1ConfigMap> Open(ICluster cluster, Growth growth) =>
        cluster.RequestsOf(growth, JobKind.Grow).Concat(cluster.RequestsOf(growth, JobKind.Migrate)).Where(request => RequestStore.ResultOf(request) is null);

    private static bool IsUnderWay(Growth growth) =>
        !growth.Spec.Suspend && growth.Status.AdoptionTime is null && growth.Status.Conditions.Find(ConditionTypes.Ready)?.Status is null or ConditionStatus.Unknown;
}
