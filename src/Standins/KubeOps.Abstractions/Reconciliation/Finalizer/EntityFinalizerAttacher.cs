using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Puts a finalizer on an object unless it is there already. Injected.</summary>
/// <typeparam name="TImplementation">The finalizer.</typeparam>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="entity">The object.</param>
/// <param name="cancellationToken">Ends the call.</param>
/// <returns>The object as the cluster now has it; go on with this one.</returns>
public delegate Task<TEntity> EntityFinalizerAttacher<TImplementation, TEntity>(
    TEntity entity,
    CancellationToken cancellationToken = default)
    where TImplementation : IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>;
