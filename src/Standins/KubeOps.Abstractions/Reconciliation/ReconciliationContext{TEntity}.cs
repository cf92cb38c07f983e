using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>An object, what happened to it, and who says so.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record ReconciliationContext<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationContext(
        TEntity entity,
        ReconciliationType eventType,
        ReconciliationTriggerSource reconciliationTriggerSource) =>
        (Entity, EventType, ReconciliationTriggerSource) = (entity, eventType, reconciliationTriggerSource);

    /// <summary>The object.</summary>
    public TEntity Entity { get; }

    /// <summary>What happened to it.</summary>
    public ReconciliationType EventType { get; }

    /// <summary>Who says so.</summary>
    public ReconciliationTriggerSource ReconciliationTriggerSource { get; }

    /// <summary>Puts the three together.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="eventType">What happened to it.</param>
    /// <param name="reconciliationTriggerSource">Who says so.</param>
    /// <returns>The context.</returns>
    public static ReconciliationContext<TEntity> CreateFor(
        TEntity entity,
        ReconciliationType eventType,
        ReconciliationTriggerSource reconciliationTriggerSource) =>
        new(entity, eventType, reconciliationTriggerSource);
}
