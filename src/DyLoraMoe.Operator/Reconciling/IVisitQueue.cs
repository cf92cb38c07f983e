using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>The way into the controllers' queues from outside of a visit's own outcome.</summary>
internal interface IVisitQueue
{
    /// <summary>Has an object visited in a moment. While another replica leads, nothing comes of it.</summary>
    void Add<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta>;
}
