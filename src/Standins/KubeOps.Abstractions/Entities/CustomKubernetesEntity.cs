using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>An object of the cluster that has metadata and nothing else yet.</summary>
public abstract class CustomKubernetesEntity : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Name, namespace, labels, owners and versions.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();
}
