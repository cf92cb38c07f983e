using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Cleans up before an object goes.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Visits an object that is being deleted.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the visit.</param>
    /// <returns>A success lets the object go; a failure is tried again.</returns>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
