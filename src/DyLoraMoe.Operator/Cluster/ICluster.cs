using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// What the controllers need of a cluster. Reads come from caches that watches keep, and see every write that went through here; what they hand out
/// is shared and must not be changed. Writes throw <see cref="ClusterException"/>.
/// </summary>
internal interface ICluster
{
    /// <summary>Whether the caches have what there is, as far as watches tell: filled, and all of them watched. A visit that does not see what is there would make it again.</summary>
    bool IsCurrent { get; }

    /// <summary>The object of that name, or null.</summary>
    T? Find<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a kind in a namespace that have a label, in order of their names.</summary>
    IReadOnlyList<T> List<T>(string ns, string label, string value)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a kind in a namespace, in order of their names.</summary>
    IReadOnlyList<T> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a kind that name <paramref name="owner"/> as an owner, in order of their names.</summary>
    IReadOnlyList<T> ListOwned<T>(IKubernetesObject<V1ObjectMeta> owner)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a kind in all namespaces, in no order.</summary>
    IEnumerable<T> ListAll<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Objects as the API server has them now, past the cache.</summary>
    Task<IReadOnlyList<T>> ReadAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>One object as the API server has it now, past the cache, with all that the cache leaves out; null when there is none.</summary>
    Task<T?> ReadOneAsync<T>(string ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Takes note of an object that was read elsewhere.</summary>
    void Observe<T>(T found)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates an object, or returns the one that has its name already.</summary>
    Task<T> GetOrCreateAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply of what this operator owns of an object; creates it when there is none.</summary>
    Task<T> ApplyAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply of the status. A resource version in <paramref name="seen"/> makes it fail on a newer object.</summary>
    /// <param name="seen">The object that the status was computed for.</param>
    /// <param name="status">The whole status, but for what others own.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<T> ApplyStatusAsync<T>(T seen, JsonNode status, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>A JSON merge patch of the status: what an apply does not reach, for others own it.</summary>
    Task<T> MergeStatusAsync<T>(T seen, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>A JSON merge patch.</summary>
    Task<T> MergeAsync<T>(T seen, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Deletes exactly this object (by its uid), its dependents in the background. Gone already is well.</summary>
    Task DeleteAsync<T>(T seen, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Tells what happened to an object, for <c>kubectl events</c>. Best effort: never throws but for cancellation.</summary>
    Task RecordAsync(ObservedEvent happened, CancellationToken cancellationToken);
}
