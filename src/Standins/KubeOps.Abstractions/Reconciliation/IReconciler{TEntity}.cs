using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>Leads one visit: controller or finalizer, and what comes after.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IReconciler<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Visits an object.</summary>
    /// <param name="reconciliationContext">The object and why it is visited.</param>
    /// <param name="cancellationToken">Ends the visit.</param>
    /// <returns>How it ended.</returns>
    Task<ReconciliationResult<TEntity>> Reconcile(
        ReconciliationContext<TEntity> reconciliationContext,
        CancellationToken cancellationToken);
}
