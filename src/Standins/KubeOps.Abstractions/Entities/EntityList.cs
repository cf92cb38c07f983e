using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>The answer to a list call.</summary>
/// <typeparam name="T">The kind that is listed.</typeparam>
public class EntityList<T> : KubernetesObject
    where T : IKubernetesObject
{
    /// <summary>The version of the collection and, for a chunk, the token that continues it.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<T> Items { get; set; } = new List<T>();
}
