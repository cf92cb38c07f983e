using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>Who asked for a visit, as questions.</summary>
public static class ReconciliationContextExtensions
{
    /// <summary>Whether a watch asked for it.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="reconciliationContext">The visit.</param>
    /// <returns>True if so.</returns>
    public static bool IsTriggeredByApiServer<TEntity>(this ReconciliationContext<TEntity> reconciliationContext)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        reconciliationContext.ReconciliationTriggerSource is ReconciliationTriggerSource.ApiServer;

    /// <summary>Whether the operator itself asked for it.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="reconciliationContext">The visit.</param>
    /// <returns>True if so.</returns>
    public static bool IsTriggeredByOperator<TEntity>(this ReconciliationContext<TEntity> reconciliationContext)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        reconciliationContext.ReconciliationTriggerSource is ReconciliationTriggerSource.Operator;
}
