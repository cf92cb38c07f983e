using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Disruptions;

/// <summary>Reports how many pods of each PodDisruptionBudget may be evicted now.</summary>
internal sealed class DisruptionController : Controller<ObjectKey>
{
    /// <summary>How long the API server may take from counting a pod as lost to deleting it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Informer<V1PodDisruptionBudget> _budgets;
    private readonly Informer<V1Pod> _pods;

    public DisruptionController(ClusterContext cluster)
        : base("DisruptionBudgets", cluster, workers: 1)
    {
        _budgets = cluster.Informer<V1PodDisruptionBudget>();
        _pods = cluster.Informer<V1Pod>();
        _budgets.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _pods.Changed += (before, now) =>
        {
            foreach (var budget in _budgets.In((now ?? before)!.Metadata.NamespaceProperty))
            {
                Queue.Add(ObjectKey.Of(budget));
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_budgets, _pods];

    public static V1PodDisruptionBudgetStatus Status(V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, DateTime now)
    {
        var counted = pods.Where(pod => !pod.IsFinished() && !pod.IsTerminating()).ToList();
        var expected = counted.Count;
        var disrupted = (budget.Status?.DisruptedPods ?? new Dictionary<string, DateTime?>())
            .Where(pair => pair.Value + Patience > now && counted.Any(pod => pod.Metadata.Name == pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value);
        var healthy = counted.Count(pod => pod.IsReady() && !disrupted.ContainsKey(pod.Metadata.Name));
        var desired = budget.Spec.MaxUnavailable is { } most
            ? Math.Max(0, expected - IntOrPercent.Of(most, expected, roundUp: true, "0"))
            : IntOrPercent.Of(budget.Spec.MinAvailable, expected, roundUp: true, "0");
        var allowed = expected > 0 ? Math.Max(0, healthy - desired) : 0;
        var before = budget.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "DisruptionAllowed");
        var value = allowed > 0 ? "True" : "False";
        return new V1PodDisruptionBudgetStatus
        {
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            DisruptionsAllowed = allowed,
            DisruptedPods = disrupted.Count == 0 ? null : disrupted,
            ExpectedPods = expected,
            ObservedGeneration = budget.Metadata.Generation,
            Conditions =
            [
                new V1Condition
                {
                    Type = "DisruptionAllowed",
                    Status = value,
                    Reason = allowed > 0 ? "SufficientPods" : "InsufficientPods",
                    Message = "",
                    ObservedGeneration = budget.Metadata.Generation,
                    LastTransitionTime = before?.Status == value ? before.LastTransitionTime : now,
                },
            ],
        };
    }

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_budgets.Get(key) is not { } budget || budget.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }

        var pods = _pods.In(key.Namespace).Where(pod => budget.Spec.Selector.Matches(pod.Metadata.Labels)).ToList();
        var status = Status(budget, pods, Now);
        await Cluster.UpdateStatusAsync(budget with { Status = status }, budget.Status, status, cancellation);
        return status.DisruptedPods is null ? null : Patience;
    }
}
