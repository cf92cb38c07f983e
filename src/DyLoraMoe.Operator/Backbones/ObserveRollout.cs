using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using DyLoraMoe.Operator.Telemetry;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>
/// Which set is served: the one that is being rolled out becomes it when all pods have it, and is given up when the roll stands still for too long, unless its pods
/// cannot be made or started: that is no fault of the set.
/// </summary>
internal sealed class ObserveRollout(ICluster cluster, OperatorMetrics metrics, TimeProvider clock) : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var status = scope.Status;
        await FindAsync(scope, cancellationToken);
        scope.Excuse = scope.Deployment is null ? null : Rollouts.ExcuseOf(scope.Deployment, cluster.ListAll<V1Pod>().Where(pod => IsOfRoll(pod, scope)), clock.GetUtcNow());
        Count(scope);
        if (scope.Deployment is null || scope.Target is not { } target || target.Revision == scope.Active?.Revision)
        {
            status.Grown = GrownOf(scope);
            return Outcome.Continue;
        }

        switch (Rollouts.StateOf(scope.Deployment))
        {
            case RolloutState.Complete:
                status.PreviousRevision = status.ActiveRevision;
                status.ActiveRevision = target.Revision;
                scope.Active = target;
                break;
            case RolloutState.Stuck when scope.Excuse is null && scope.Active is not null && target.Map.Note(JobNotes.Changes) is { Length: > 0 } && scope.Backbone.Spec.Serving.Revision is not { Length: > 0 }:
                await GiveUpAsync(scope, target, cancellationToken);
                scope.Target = scope.Active;
                break;
        }

        status.Grown = GrownOf(scope);
        return Outcome.Continue;
    }

    // A process that has only just taken over may see what was served before. What the status names and the caches have not is read past them, or else the older
    // one would be taken for what is served now.
    private async Task FindAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        scope.Deployment = cluster.Find<V1Deployment>(scope.Namespace, ChildNames.Router(scope.Name));
        scope.Active = cluster.FindSet(scope.Backbone, scope.Status.ActiveRevision);
        if (scope.Status.ActiveRevision is { } active && (scope.Active is null || Rollouts.RevisionOf(scope.Deployment) != active))
        {
            scope.Active ??= await cluster.ReadSetAsync(scope.Backbone, active, cancellationToken);
            scope.Deployment = await cluster.ReadOneAsync<V1Deployment>(scope.Namespace, ChildNames.Router(scope.Name), cancellationToken) is { } found && CommonLabels.AreOn(found) ? found : null;
            if (scope.Deployment is not null)
            {
                cluster.Observe(scope.Deployment);
            }
        }

        var rolled = Rollouts.RevisionOf(scope.Deployment);
        scope.Target = rolled is null || rolled == scope.Active?.Revision ? scope.Active : cluster.FindSet(scope.Backbone, rolled) ?? await cluster.ReadSetAsync(scope.Backbone, rolled, cancellationToken) ?? scope.Active;
    }

    // The set says which backbone it is on and how large that is; of one that does not say, the Growth does, where it is still there. Without the set it is the one that it was.
    private GrownBackbone? GrownOf(BackboneScope scope) => scope.Active is not { } active ? scope.Status.Grown
        : active.Set.Backbone is { Artifact: { } artifact, Digest: { } digest }
        ? active.Facts.Growths.LastOrDefault(step => step.Backbone.Artifact == artifact)?.Backbone
            ?? cluster.Growths(scope.Backbone).FirstOrDefault(growth => growth.Status.Backbone?.Artifact == artifact)?.Status.Backbone
            ?? (scope.Status.Grown?.Artifact == artifact ? scope.Status.Grown : new() { Digest = digest, Artifact = artifact })
        : null;

    private static bool IsOfRoll(V1Pod pod, BackboneScope scope) =>
        pod.Metadata.NamespaceProperty == scope.Namespace
        && pod.Metadata.DeletionTimestamp is null
        && pod.Tag(Labels.Backbone) == scope.Name
        && pod.Tag(Labels.Component) == RouterTemplate.Component
        && pod.Note(Annotations.Revision) == Rollouts.RevisionOf(scope.Deployment);

    private static void Count(BackboneScope scope)
    {
        var (status, deployment) = (scope.Status, scope.Deployment);
        status.Replicas = deployment?.Status?.Replicas ?? 0;
        status.ReadyReplicas = deployment?.Status?.ReadyReplicas ?? 0;
        status.UpdatedReplicas = deployment?.Status?.UpdatedReplicas ?? 0;
    }

    // Written on the set itself, so that it is not tried again after a restart.
    private async Task GiveUpAsync(BackboneScope scope, KnownSet target, CancellationToken cancellationToken)
    {
        var notes = new JsonObject
        {
            [JobNotes.GivenUp] = "Pods with it did not become ready in time.",
            [JobNotes.Terms] = RefusalTerms.Of(scope.Backbone),
        };
        scope.Target = null;
        await cluster.MergeAsync(target.Map, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = notes } }, cancellationToken);
        metrics.RecordRefusal(ObjectKey.Of(scope.Backbone));
        await cluster.RecordAsync(new(scope.Backbone, true, Reasons.RollOutStuck, $"Revision {target.Revision} did not become ready in time; {scope.Active!.Revision} goes on serving."), cancellationToken);
    }
}
