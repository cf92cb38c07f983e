using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Scheduling;

/// <summary>
/// Binds pods to the first node they fit on, the longest waiting first. Taints and priorities are not looked at.
/// One key stands for the whole cluster, since each binding changes what is left for the others.
/// </summary>
internal sealed class Scheduler : Controller<string>
{
    private const string Source = "default-scheduler";
    private const string All = "all";

    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1Node> _nodes;

    public Scheduler(ClusterContext cluster)
        : base("Scheduler", cluster, workers: 1)
    {
        _pods = cluster.Informer<V1Pod>();
        _nodes = cluster.Informer<V1Node>();
        _nodes.Changed += (_, _) => Queue.Add(All);
        _pods.Changed += (before, now) =>
        {
            if (IsWaiting(now) || now is null || (now.IsFinished() && before?.IsFinished() != true))
            {
                Queue.Add(All);
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_pods, _nodes];

    protected override async Task<TimeSpan?> ReconcileAsync(string key, CancellationToken cancellation)
    {
        var pods = _pods.All();
        var waiting = pods.Where(IsWaiting).OrderBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal).ToList();
        if (waiting.Count == 0)
        {
            return null;
        }

        var nodes = _nodes.All();
        var onNodes = pods.Where(pod => !string.IsNullOrEmpty(pod.Spec.NodeName) && !pod.IsFinished())
            .GroupBy(pod => pod.Spec.NodeName).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var pod in waiting)
        {
            var reasons = new List<string>();
            V1Node? chosen = null;
            foreach (var node in nodes)
            {
                var here = onNodes.TryGetValue(node.Metadata.Name, out var list) ? list : onNodes[node.Metadata.Name] = [];
                var why = NodeFit.Reasons(pod, node, here);
                if (why.Count == 0)
                {
                    chosen = node;
                    here.Add(pod);
                    break;
                }

                reasons.AddRange(why);
            }

            await (chosen is null ? ReportAsync(pod, nodes.Count, reasons, cancellation) : BindAsync(pod, chosen, cancellation));
        }

        return null;
    }

    private static bool IsWaiting(V1Pod? pod) =>
        pod is not null && string.IsNullOrEmpty(pod.Spec.NodeName) && pod.IsActive() && pod.Spec.SchedulingGates is null or { Count: 0 }
        && pod?.Spec.SchedulerName is null or "" or Source;

    private async Task BindAsync(V1Pod pod, V1Node node, CancellationToken cancellation)
    {
        var binding = new V1Binding
        {
            ApiVersion = "v1",
            Kind = "Binding",
            Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty, Uid = pod.Metadata.Uid },
            Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node.Metadata.Name },
        };
        try
        {
            await Cluster.Api.PostAsync<V1Status>(
                ResourceType.Of<V1Pod>().Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name, "binding"), binding, cancellation);
            Cluster.Events.Normal(
                pod, Source, "Scheduled", $"Successfully assigned {ObjectKey.Of(pod)} to {node.Metadata.Name}");
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
        }
    }

    private async Task ReportAsync(V1Pod pod, int nodes, IReadOnlyList<string> reasons, CancellationToken cancellation)
    {
        var grouped = reasons.GroupBy(reason => reason).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
        var message = nodes == 0
            ? "no nodes available to schedule pods"
            : $"0/{nodes} nodes are available: {string.Join(", ", grouped)}.";
        if (pod.Condition("PodScheduled") is { Status: "False" } known && known.Message == message)
        {
            return;
        }

        var changed = ClusterContext.Copy(pod);
        changed.Status ??= new V1PodStatus();
        changed.Status.Phase ??= "Pending";
        changed.Status.Conditions =
        [
            .. (changed.Status.Conditions ?? []).Where(condition => condition.Type != "PodScheduled"),
            new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message, LastTransitionTime = Now },
        ];
        try
        {
            await Cluster.UpdateAsync(changed, "status", cancellation);
            Cluster.Events.Warning(pod, Source, "FailedScheduling", message);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
        }
    }
}
