using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>Keeps as many pods of a template as a ReplicaSet asks for.</summary>
internal sealed class ReplicaSetController : Controller<ObjectKey>
{
    private const string Source = "replicaset-controller";

    private readonly Informer<V1ReplicaSet> _sets;
    private readonly Informer<V1Pod> _pods;

    public ReplicaSetController(ClusterContext cluster)
        : base("ReplicaSets", cluster)
    {
        _sets = cluster.Informer<V1ReplicaSet>();
        _pods = cluster.Informer<V1Pod>();
        _sets.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _pods.Changed += (before, now) => Enqueue((now ?? before)!);
    }

    protected override IEnumerable<IInformer> Sources => [_sets, _pods];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_sets.Get(key) is not { } set)
        {
            return null;
        }

        ApiException? failure = null;
        if (set.Metadata.DeletionTimestamp is null)
        {
            await AdoptAsync(set, cancellation);
            failure = await TryResizeAsync(set, cancellation);
        }

        var pods = _pods.ControlledBy(set.Metadata.Uid).Where(PodFacts.IsActive).ToList();
        var wait = set.Spec.MinReadySeconds ?? 0;
        var status = new V1ReplicaSetStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = pods.Count(pod => (set.Spec.Template.Metadata?.Labels).IsWithin(pod.Metadata.Labels)),
            ReadyReplicas = pods.Count(PodFacts.IsReady),
            AvailableReplicas = pods.Count(pod => pod.IsAvailable(wait, Now)),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = ReplicaFailures.Conditions(set, failure, Now),
        };
        await Cluster.UpdateStatusAsync(set with { Status = status }, set.Status, status, cancellation);
        if (failure is not null)
        {
            throw failure;
        }

        var next = pods.Select(pod => pod.AvailableAt(wait)).Where(at => at > Now).DefaultIfEmpty(null).Min();
        return next is { } at ? at - Now : null;
    }

    private void Enqueue(V1Pod pod)
    {
        if (pod.ControllerKey<V1ReplicaSet>() is { } key)
        {
            Queue.Add(key);
        }
        else if (pod.Metadata.OwnerReferences is null or { Count: 0 })
        {
            foreach (var set in _sets.In(pod.Metadata.NamespaceProperty).Where(set => set.Spec.Selector.Matches(pod.Metadata.Labels)))
            {
                Queue.Add(ObjectKey.Of(set));
            }
        }
    }

    private async Task AdoptAsync(V1ReplicaSet set, CancellationToken cancellation)
    {
        foreach (var pod in _pods.Orphans(set.Metadata.NamespaceProperty)
            .Where(pod => pod.IsActive() && set.Spec.Selector.Matches(pod.Metadata.Labels)))
        {
            await Adoption.AdoptAsync(Cluster, set, pod, cancellation);
        }
    }

    /// <summary>What kept pods from being made or deleted; null when nothing did. A change by somebody else is no news.</summary>
    private async Task<ApiException?> TryResizeAsync(V1ReplicaSet set, CancellationToken cancellation)
    {
        try
        {
            await ResizeAsync(set, cancellation);
            return null;
        }
        catch (ApiException e) when (!e.IsConflict)
        {
            return e;
        }
    }

    private async Task ResizeAsync(V1ReplicaSet set, CancellationToken cancellation)
    {
        var pods = _pods.ControlledBy(set.Metadata.Uid).Where(PodFacts.IsActive).ToList();
        var wanted = set.Spec.Replicas ?? 1;
        if (pods.Count < wanted)
        {
            await Task.WhenAll(Enumerable.Range(0, wanted - pods.Count).Select(_ => CreateAsync(set, cancellation)));
        }
        else if (pods.Count > wanted)
        {
            await Task.WhenAll(PodRanking.FirstToGo(pods).Take(pods.Count - wanted).Select(async pod =>
            {
                await Cluster.DeleteAsync(pod, cancellation);
                Cluster.Events.Normal(set, Source, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            }));
        }
    }

    private async Task CreateAsync(V1ReplicaSet set, CancellationToken cancellation)
    {
        var template = ClusterContext.Copy(set.Spec.Template);
        try
        {
            var pod = await Cluster.CreateAsync(
                new V1Pod
                {
                    Metadata = new V1ObjectMeta
                    {
                        NamespaceProperty = set.Metadata.NamespaceProperty,
                        GenerateName = $"{set.Metadata.Name}-",
                        Labels = template.Metadata?.Labels,
                        Annotations = template.Metadata?.Annotations,
                        Finalizers = template.Metadata?.Finalizers,
                        OwnerReferences = [Owners.Controller(set)],
                    },
                    Spec = template.Spec,
                },
                cancellation);
            Cluster.Events.Normal(set, Source, "SuccessfulCreate", $"Created pod: {pod.Metadata.Name}");
        }
        catch (ApiException e)
        {
            Cluster.Events.Warning(set, Source, "FailedCreate", $"Error creating: {e.Status}");
            throw;
        }
    }
}
