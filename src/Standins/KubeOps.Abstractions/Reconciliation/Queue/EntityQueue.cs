using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Queue;

/// <summary>
/// Asks for a visit, now or later. Injected; the visit goes to the controller in whose scope the delegate was resolved.
/// </summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="entity">The object.</param>
/// <param name="type">What happened to it.</param>
/// <param name="reconciliationTriggerSource">Who says so.</param>
/// <param name="queueIn">How long to wait; <see cref="TimeSpan.Zero"/> for now.</param>
/// <param name="retryCount">How often this visit failed already; 0 for a new one.</param>
/// <param name="cancellationToken">Ends the call.</param>
/// <returns>Whether the visit was taken; false when the queue takes none at present.</returns>
public delegate Task<bool> EntityQueue<in TEntity>(
    TEntity entity,
    ReconciliationType type,
    ReconciliationTriggerSource reconciliationTriggerSource,
    TimeSpan queueIn,
    int retryCount,
    CancellationToken cancellationToken)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
