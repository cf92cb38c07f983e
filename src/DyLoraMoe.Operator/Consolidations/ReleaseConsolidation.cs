using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Lets a Consolidation go: what it trains is stopped, what is served already stays served.</summary>
internal sealed class ReleaseConsolidation(ICluster cluster, JobRunner jobs) : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        await jobs.StopAsync(scope.Consolidation, JobKind.Consolidate, cancellationToken);
        if (cluster.Find<Backbone>(scope.Namespace, scope.Spec.BackboneRef.Name) is not { Metadata.DeletionTimestamp: null } backbone)
        {
            return Outcome.Finish(Reasons.Terminating, "Its Backbone is gone.");
        }

        // An expert learns from here which version of it is served: that it must have done before this goes.
        KnownSet?[] sets = [cluster.ActiveSet(backbone), cluster.FindSet(backbone, backbone.Status.PendingRevision)];
        var isAwaited = scope.OpenRun?.Experts.Any(offer =>
            offer.Stage == NightStages.Offered
            && sets.Any(set => set?.Find(offer.Name)?.Digest == offer.Artifact!.Digest)
            && cluster.Find<LoraExpert>(scope.Namespace, offer.Name)?.Status.Artifact?.Digest == offer.From) == true;
        return isAwaited
            ? Outcome.WaitFor(Reasons.Terminating, "A set with what it offered is being rolled out.", _patience)
            : Outcome.Finish(Reasons.Terminating, "Nothing waits for it any more.");
    }
}
