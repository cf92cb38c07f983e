using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Cluster;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>
/// Requests, each in a ConfigMap that comes before its Job and stays after it. What is there was decided; so a restart finds the decision
/// instead of taking another one.
/// </summary>
internal static class RequestStore
{
    /// <summary>Key of the request in its ConfigMap.</summary>
    public const string FileName = "request.json";

    /// <summary>The requests of a subject, of one kind, in order of their names.</summary>
    public static IEnumerable<V1ConfigMap> RequestsOf(this ICluster cluster, IKubernetesObject<V1ObjectMeta> subject, JobKind kind) =>
        cluster.ListOwned<V1ConfigMap>(subject).Where(map => map.Tag(Labels.JobKind) == kind.ToString());

    /// <summary>All requests of a subject.</summary>
    public static IEnumerable<V1ConfigMap> RequestsOf(this ICluster cluster, IKubernetesObject<V1ObjectMeta> subject) =>
        cluster.ListOwned<V1ConfigMap>(subject).Where(map => map.Tag(Labels.JobKind) is not null);

    /// <summary>How the job ended; null while it has not.</summary>
    public static JobResult? ResultOf(V1ConfigMap request)
    {
        if (request.Note(JobNotes.Result) is not { } text)
        {
            return null;
        }

        try
        {
            return ContractJson.Read<JobResult>(text);
        }
        catch (InvalidDataException)
        {
            // A newer version's result, or one that somebody edited: as good as none.
            return null;
        }
    }

    /// <summary>An annotation.</summary>
    public static string? Note(this IKubernetesObject<V1ObjectMeta> found, string name) =>
        found.Metadata.Annotations is { } notes && notes.TryGetValue(name, out var value) ? value : null;

    /// <summary>A label.</summary>
    public static string? Tag(this IKubernetesObject<V1ObjectMeta> found, string name) =>
        found.Metadata.Labels is { } labels && labels.TryGetValue(name, out var value) ? value : null;
}
