using k8s;
using k8s.Models;
using KubeOps.Abstractions.Logging;
using KubeOps.Operator.Queue;

namespace KubeOps.Operator.Logging;

/// <summary>What every line that is logged during a visit carries along.</summary>
internal sealed class EntityLoggingScopes<TEntity>(IEnumerable<IEntityLoggingScopeEnricher<TEntity>> enrichers)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    public IReadOnlyDictionary<string, object> Of(QueueEntry<TEntity> entry)
    {
        var properties = new Dictionary<string, object>
        {
            ["EventType"] = entry.ReconciliationType,
            ["ReconciliationTriggerSource"] = entry.ReconciliationTriggerSource,
            ["Kind"] = entry.Entity.Kind ?? typeof(TEntity).Name,
            ["Namespace"] = entry.Entity.Namespace() ?? string.Empty,
            ["Name"] = entry.Entity.Name(),
            ["Uid"] = entry.Entity.Uid() ?? string.Empty,
            ["ResourceVersion"] = entry.Entity.ResourceVersion() ?? string.Empty,
        };
        foreach (var enricher in enrichers)
        {
            enricher.Enrich(entry.Entity, EntityLoggingPhase.Reconcile, properties);
        }

        return properties;
    }
}
