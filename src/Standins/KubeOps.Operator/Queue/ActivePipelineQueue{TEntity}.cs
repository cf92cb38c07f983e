using k8s;
using k8s.Models;

namespace KubeOps.Operator.Queue;

/// <summary>The queue that the visit of this scope came from, so that requests made during the visit go back there.</summary>
internal sealed class ActivePipelineQueue<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    public ITimedEntityQueue<TEntity>? Current { get; set; }
}
