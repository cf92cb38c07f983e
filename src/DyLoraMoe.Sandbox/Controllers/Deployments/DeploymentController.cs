using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>Rolls Deployments: one ReplicaSet a template, sized step by step.</summary>
internal sealed class DeploymentController : Controller<ObjectKey>
{
    private const string Source = "deployment-controller";

    private readonly Informer<V1Deployment> _deployments;
    private readonly Informer<V1ReplicaSet> _sets;
    private readonly Informer<V1Pod> _pods;

    public DeploymentController(ClusterContext cluster)
        : base("Deployments", cluster)
    {
        _deployments = cluster.Informer<V1Deployment>();
        _sets = cluster.Informer<V1ReplicaSet>();
        _pods = cluster.Informer<V1Pod>();
        _deployments.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _sets.Changed += (before, now) => Enqueue((now ?? before)!);
        _pods.Changed += (before, now) =>
        {
            // Only Recreate waits for pods to be gone; sizes travel through the sets' status.
            if (now is null && before!.ControllerKey<V1ReplicaSet>() is { } key && _sets.Get(key) is { } set)
            {
                Enqueue(set);
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_deployments, _sets, _pods];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_deployments.Get(key) is not { } deployment || deployment.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }

        await AdoptAsync(deployment, cancellation);
        var sets = _sets.ControlledBy(deployment.Metadata.Uid);
        var current = DeploymentSets.Current(deployment, sets);
        if (deployment.Spec.Paused != true && !sets.Any(set => IsOutgrown(deployment, set)))
        {
            current = await EnsureCurrentAsync(deployment, current, sets, cancellation);
            if (current is not null)
            {
                await (deployment.Spec.Strategy?.Type == "Recreate"
                    ? RecreateAsync(deployment, current, cancellation)
                    : RollAsync(deployment, current, cancellation));
            }
        }
        else
        {
            await ScaleAsync(deployment, current, sets, cancellation);
        }

        return await ReportAsync(key, cancellation);
    }

    private void Enqueue(V1ReplicaSet set)
    {
        if (set.ControllerKey<V1Deployment>() is { } key)
        {
            Queue.Add(key);
            return;
        }

        foreach (var deployment in _deployments.In(set.Metadata.NamespaceProperty).Where(item => item.Spec.Selector.Matches(set.Metadata.Labels)))
        {
            Queue.Add(ObjectKey.Of(deployment));
        }
    }

    private async Task AdoptAsync(V1Deployment deployment, CancellationToken cancellation)
    {
        foreach (var set in _sets.Orphans(deployment.Metadata.NamespaceProperty)
            .Where(set => set.Metadata.DeletionTimestamp is null && deployment.Spec.Selector.Matches(set.Metadata.Labels)))
        {
            await Adoption.AdoptAsync(Cluster, deployment, set, cancellation);
        }
    }

    /// <summary>The Deployment's size was changed since this set was last sized.</summary>
    private static bool IsOutgrown(V1Deployment deployment, V1ReplicaSet set) =>
        (set.Spec.Replicas ?? 1) > 0
        && DeploymentSets.AnnotatedSize(set, DeploymentNames.DesiredReplicas, -1) is var size and >= 0
        && size != (deployment.Spec.Replicas ?? 1);

    private async Task<V1ReplicaSet?> EnsureCurrentAsync(
        V1Deployment deployment, V1ReplicaSet? current, IReadOnlyList<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var old = sets.Where(set => set.Metadata.Uid != current?.Metadata.Uid).ToList();
        var revision = old.Select(DeploymentSets.RevisionOf).DefaultIfEmpty(0).Max() + 1;
        if (current is null)
        {
            if (deployment.Spec.Strategy?.Type == "Recreate" && !await DrainOldAsync(deployment, old, cancellation))
            {
                return null;
            }

            var rolling = RollingUpdate.Of(deployment);
            var size = rolling.NewSize(new SetSize("", 0, 0, Now), [.. old.Select(SetSize.Of)]);
            var wanted = DeploymentSets.New(deployment, revision, size);
            try
            {
                current = await Cluster.CreateAsync(wanted, cancellation);
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                await CollideAsync(deployment, cancellation);
                return null;
            }
            catch (ApiException e)
            {
                var why = $"Failed to create new replica set \"{wanted.Metadata.Name}\": {e.Status}";
                Cluster.Events.Warning(deployment, Source, DeploymentConditions.SetNotCreated, why);
                await MarkAsync(deployment, "False", DeploymentConditions.SetNotCreated, why, cancellation);
                throw;
            }

            if (size > 0)
            {
                Cluster.Events.Normal(deployment, Source, "ScalingReplicaSet", $"Scaled up replica set {current.Metadata.Name} from 0 to {size}");
            }

            await MarkNewSetAsync(deployment, "NewReplicaSetCreated", $"Created new replica set \"{current.Metadata.Name}\"", cancellation);
        }
        else
        {
            var annotations = DeploymentSets.Annotations(deployment, current, revision);
            if (!ClusterContext.Same(annotations, current.Metadata.Annotations) || (current.Spec.MinReadySeconds ?? 0) != (deployment.Spec.MinReadySeconds ?? 0))
            {
                var changed = ClusterContext.Copy(current);
                changed.Metadata.Annotations = annotations;
                changed.Spec.MinReadySeconds = deployment.Spec.MinReadySeconds;
                var rolledBack = DeploymentSets.RevisionOf(current) < revision;
                current = await Cluster.UpdateAsync(changed, null, cancellation);
                if (rolledBack)
                {
                    await MarkNewSetAsync(deployment, "FoundNewReplicaSet", $"Found new replica set \"{current.Metadata.Name}\"", cancellation);
                }
            }
        }

        await AnnotateRevisionAsync(deployment, $"{DeploymentSets.RevisionOf(current)}", cancellation);
        return current;
    }

    private async Task CollideAsync(V1Deployment deployment, CancellationToken cancellation)
    {
        var changed = ClusterContext.Copy(_deployments.Get(ObjectKey.Of(deployment)) ?? deployment);
        changed.Status ??= new V1DeploymentStatus();
        changed.Status.CollisionCount = (changed.Status.CollisionCount ?? 0) + 1;
        await Cluster.UpdateAsync(changed, "status", cancellation);
    }

    /// <summary>A rollout begins: whatever the last one came to is no longer the news.</summary>
    private Task MarkNewSetAsync(V1Deployment deployment, string reason, string message, CancellationToken cancellation) =>
        MarkAsync(deployment, "True", reason, message, cancellation);

    private async Task MarkAsync(V1Deployment deployment, string progressing, string reason, string message, CancellationToken cancellation)
    {
        if (deployment.Spec.ProgressDeadlineSeconds == int.MaxValue)
        {
            return;
        }

        var latest = _deployments.Get(ObjectKey.Of(deployment)) ?? deployment;
        if (progressing == "False" && DeploymentConditions.Find(latest.Status, DeploymentConditions.Progressing) is { Status: "False" } known && known.Message == message)
        {
            return;
        }

        var changed = ClusterContext.Copy(latest);
        changed.Status ??= new V1DeploymentStatus();
        DeploymentConditions.Set(changed.Status, DeploymentConditions.Progressing, progressing, reason, message, Now, touch: true);
        await Cluster.UpdateAsync(changed, "status", cancellation);
    }

    private async Task AnnotateRevisionAsync(V1Deployment deployment, string revision, CancellationToken cancellation)
    {
        var latest = _deployments.Get(ObjectKey.Of(deployment)) ?? deployment;
        if (latest.Metadata.Annotations?.TryGetValue(DeploymentNames.Revision, out var known) == true && known == revision)
        {
            return;
        }

        _deployments.Observe(await Cluster.Api.MergeAsync<V1Deployment>(
            ObjectKey.Of(deployment),
            new { metadata = new { annotations = new Dictionary<string, string> { [DeploymentNames.Revision] = revision } } },
            null,
            cancellation));
    }

    private async Task RollAsync(V1Deployment deployment, V1ReplicaSet current, CancellationToken cancellation)
    {
        var rolling = RollingUpdate.Of(deployment);
        var old = Others(deployment, current);
        var size = rolling.NewSize(SetSize.Of(current), [.. old.Select(SetSize.Of)]);
        current = await ResizeAsync(deployment, current, size, cancellation);
        var sizes = rolling.OldSizes(SetSize.Of(current), [.. old.Select(SetSize.Of)]);
        foreach (var set in old)
        {
            await ResizeAsync(deployment, set, sizes[set.Metadata.Name], cancellation);
        }

        await ForgetAsync(deployment, current, cancellation);
    }

    private async Task RecreateAsync(V1Deployment deployment, V1ReplicaSet current, CancellationToken cancellation)
    {
        if (await DrainOldAsync(deployment, Others(deployment, current), cancellation))
        {
            await ResizeAsync(deployment, current, deployment.Spec.Replicas ?? 1, cancellation);
            await ForgetAsync(deployment, current, cancellation);
        }
    }

    /// <summary>True once no pod of an old set is left.</summary>
    private async Task<bool> DrainOldAsync(V1Deployment deployment, IReadOnlyList<V1ReplicaSet> old, CancellationToken cancellation)
    {
        foreach (var set in old)
        {
            await ResizeAsync(deployment, set, 0, cancellation);
        }

        return !old.SelectMany(set => _pods.ControlledBy(set.Metadata.Uid)).Any(pod => !pod.IsFinished());
    }

    /// <summary>A change of size alone, or of a paused Deployment.</summary>
    private async Task ScaleAsync(V1Deployment deployment, V1ReplicaSet? current, IReadOnlyList<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var active = sets.Where(set => (set.Spec.Replicas ?? 1) > 0).ToList();
        var only = active.Count == 0 ? current : active.Count == 1 ? active[0] : null;
        if (only is not null)
        {
            await ResizeAsync(deployment, only, deployment.Spec.Replicas ?? 1, cancellation);
            return;
        }

        if (current is not null && (current.Status?.AvailableReplicas ?? 0) == (deployment.Spec.Replicas ?? 1) && current.Spec.Replicas == deployment.Spec.Replicas)
        {
            foreach (var set in active.Where(set => set.Metadata.Uid != current.Metadata.Uid))
            {
                await ResizeAsync(deployment, set, 0, cancellation);
            }

            return;
        }

        var rolling = RollingUpdate.Of(deployment);
        var former = active.Max(set => DeploymentSets.AnnotatedSize(set, DeploymentNames.MaxReplicas, rolling.MaxTotal));
        var sizes = rolling.Proportional([.. active.Select(SetSize.Of)], former);
        foreach (var set in active)
        {
            await ResizeAsync(deployment, set, sizes[set.Metadata.Name], cancellation);
        }
    }

    private async Task<V1ReplicaSet> ResizeAsync(V1Deployment deployment, V1ReplicaSet set, int replicas, CancellationToken cancellation)
    {
        var before = set.Spec.Replicas ?? 1;
        var rolling = RollingUpdate.Of(deployment);
        var annotated = DeploymentSets.AnnotatedSize(set, DeploymentNames.DesiredReplicas, -1) == rolling.Replicas
            && DeploymentSets.AnnotatedSize(set, DeploymentNames.MaxReplicas, -1) == rolling.MaxTotal;
        if (before == replicas && (annotated || replicas == 0))
        {
            return set;
        }

        var changed = ClusterContext.Copy(set);
        changed.Spec.Replicas = replicas;
        changed.Metadata.Annotations ??= new Dictionary<string, string>();
        changed.Metadata.Annotations[DeploymentNames.DesiredReplicas] = $"{rolling.Replicas}";
        changed.Metadata.Annotations[DeploymentNames.MaxReplicas] = $"{rolling.MaxTotal}";
        var written = await Cluster.UpdateAsync(changed, null, cancellation);
        if (before != replicas)
        {
            var direction = replicas > before ? "up" : "down";
            Cluster.Events.Normal(
                deployment, Source, "ScalingReplicaSet", $"Scaled {direction} replica set {set.Metadata.Name} from {before} to {replicas}");
        }

        return written;
    }

    /// <summary>Old sets beyond the history limit go once the rollout is complete.</summary>
    private async Task ForgetAsync(V1Deployment deployment, V1ReplicaSet current, CancellationToken cancellation)
    {
        var old = Others(deployment, current);
        var status = DeploymentConditions.Compute(deployment, current, [current, .. old], Now);
        if (!DeploymentConditions.IsComplete(deployment, status))
        {
            return;
        }

        var kept = deployment.Spec.RevisionHistoryLimit ?? 10;
        foreach (var set in old
            .Where(set => set.Spec.Replicas == 0 && (set.Status?.Replicas ?? 0) == 0 && set.Metadata.DeletionTimestamp is null
                && set.Status?.ObservedGeneration >= set.Metadata.Generation)
            .OrderByDescending(DeploymentSets.RevisionOf).Skip(kept))
        {
            await Cluster.DeleteAsync(set, cancellation, "Background");
        }
    }

    private List<V1ReplicaSet> Others(V1Deployment deployment, V1ReplicaSet current) =>
        [.. _sets.ControlledBy(deployment.Metadata.Uid).Where(set => set.Metadata.Uid != current.Metadata.Uid)];

    private async Task<TimeSpan?> ReportAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_deployments.Get(key) is not { } deployment)
        {
            return null;
        }

        var sets = _sets.ControlledBy(deployment.Metadata.Uid);
        var status = DeploymentConditions.Compute(deployment, DeploymentSets.Current(deployment, sets), sets, Now);
        await Cluster.UpdateStatusAsync(deployment with { Status = status }, deployment.Status, status, cancellation);
        return DeploymentConditions.UntilDeadline(deployment, status, Now) is { Ticks: > 0 } left ? left : null;
    }
}
