using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Telemetry;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;

namespace DyLoraMoe.Operator.Hosting;

/// <summary>KubeOps' queues.</summary>
internal sealed class VisitQueue(IServiceProvider services, OperatorMetrics metrics) : IVisitQueue
{
    // Changes come in bursts; a visit a moment later sees them all at once.
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public void Add<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        metrics.RecordWakeUp(entity.Kind);

        // False while another replica leads: it is woken by its own watches.
        _ = services.GetRequiredService<EntityQueue<T>>()(entity, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, _soon, 0, CancellationToken.None);
    }
}
