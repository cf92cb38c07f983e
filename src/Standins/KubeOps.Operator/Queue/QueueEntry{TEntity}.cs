using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Operator.Queue;

/// <summary>A visit that is due.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="Entity">The object.</param>
/// <param name="ReconciliationType">What happened to it.</param>
/// <param name="ReconciliationTriggerSource">Who asks.</param>
/// <param name="RetryCount">How many visits in a row failed.</param>
public readonly record struct QueueEntry<TEntity>(
    TEntity Entity,
    ReconciliationType ReconciliationType,
    ReconciliationTriggerSource ReconciliationTriggerSource,
    int RetryCount);
