using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Operator.Queue;

/// <summary>Objects to be visited, now or later. Enumerating it takes them, and waits for more.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface ITimedEntityQueue<TEntity> : IDisposable, IAsyncEnumerable<QueueEntry<TEntity>>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Asks for a visit. Of several for the same object, the earliest stays, with the latest state.</summary>
    /// <param name="entity">The object; of one that is not deleted only namespace and name matter.</param>
    /// <param name="type">What happened to it.</param>
    /// <param name="reconciliationTriggerSource">Who asks.</param>
    /// <param name="queueIn">How much later.</param>
    /// <param name="retryCount">How many visits in a row failed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False if the queue takes nothing at present.</returns>
    Task<bool> Enqueue(
        TEntity entity,
        ReconciliationType type,
        ReconciliationTriggerSource reconciliationTriggerSource,
        TimeSpan queueIn,
        int retryCount,
        CancellationToken cancellationToken);
}
