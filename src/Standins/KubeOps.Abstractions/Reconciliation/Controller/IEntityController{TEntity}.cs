using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Controller;

/// <summary>Brings the world to what objects of a kind ask for.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Visits an object that exists and is not being deleted.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the visit.</param>
    /// <returns>How it ended and when the next one is due.</returns>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>Learns that an object is gone.</summary>
    /// <param name="entity">The object as it last was.</param>
    /// <param name="cancellationToken">Ends the visit.</param>
    /// <returns>How the visit ended.</returns>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
