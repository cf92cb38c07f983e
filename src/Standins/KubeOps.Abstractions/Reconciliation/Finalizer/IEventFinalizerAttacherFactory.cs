using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Makes the delegates that put finalizers on objects.</summary>
public interface IEventFinalizerAttacherFactory
{
    /// <summary>Makes the delegate of one finalizer.</summary>
    /// <typeparam name="TImplementation">The finalizer.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="identifier">The name that stands in the object's list of finalizers.</param>
    /// <returns>The delegate.</returns>
    EntityFinalizerAttacher<TImplementation, TEntity> Create<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
