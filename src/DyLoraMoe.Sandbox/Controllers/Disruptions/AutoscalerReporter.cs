using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Disruptions;

/// <summary>Says of each HorizontalPodAutoscaler that it does not scale: the sandbox measures no pods.</summary>
internal sealed class AutoscalerReporter : Controller<ObjectKey>
{
    private readonly Informer<V2HorizontalPodAutoscaler> _autoscalers;

    public AutoscalerReporter(ClusterContext cluster)
        : base("Autoscalers", cluster, workers: 1)
    {
        _autoscalers = cluster.Informer<V2HorizontalPodAutoscaler>();
        _autoscalers.Changed += (_, now) =>
        {
            if (now is not null)
            {
                Queue.Add(ObjectKey.Of(now));
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_autoscalers];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_autoscalers.Get(key) is not { } item || item.Status?.Conditions?.Any(condition => condition.Type == "ScalingActive") == true)
        {
            return null;
        }

        var changed = ClusterContext.Copy(item);
        changed.Status ??= new V2HorizontalPodAutoscalerStatus();
        changed.Status.ObservedGeneration = item.Metadata.Generation;
        changed.Status.Conditions =
        [
            new V2HorizontalPodAutoscalerCondition
            {
                Type = "ScalingActive",
                Status = "False",
                Reason = "FailedGetResourceMetric",
                Message = "the sandbox measures no pods and scales nothing by itself",
                LastTransitionTime = Now,
            },
        ];
        await Cluster.UpdateAsync(changed, "status", cancellation);
        return null;
    }
}
