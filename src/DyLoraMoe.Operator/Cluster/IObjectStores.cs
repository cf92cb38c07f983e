using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>The caches of all kinds, which tell what changes.</summary>
internal interface IObjectStores
{
    /// <summary>What is known of a kind.</summary>
    ObjectStore<T> Store<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>;
}
