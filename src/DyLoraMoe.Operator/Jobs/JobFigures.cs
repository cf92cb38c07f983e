using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>How many jobs of a Backbone run and wait. Jobs are those of skills, experts and nights, which begin and end without a visit to the Backbone.</summary>
internal static class JobFigures
{
    /// <summary>Jobs that run, and those that wait for their turn.</summary>
    public static (int Running, int Waiting) JobsOf(this ICluster cluster, Backbone backbone, JobSlots slots) =>
        (cluster.ActiveJobs(backbone), slots.Waiting(ObjectKey.Of(backbone)).Count);

    /// <summary>Backbones whose status says other figures. To be asked at a bounded rate: a thousand jobs are not worth a write each.</summary>
    public static IEnumerable<ObjectKey> Stale(ICluster cluster, JobSlots slots) => cluster.ListAll<Backbone>()
        .Where(backbone => backbone.Status is { RunningJobs: { } running, WaitingJobs: { } waiting } && cluster.JobsOf(backbone, slots) != (running, waiting))
        .Select(ObjectKey.Of);
}
