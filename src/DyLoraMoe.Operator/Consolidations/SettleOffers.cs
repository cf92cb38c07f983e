using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>
/// What has become of the versions that a run offers: admitted, refused, or too late. It does not wait for experts that are still to be trained, since an offer that stands
/// goes before those of other Consolidations.
/// </summary>
internal sealed class SettleOffers(ICluster cluster) : IPhase<ConsolidationScope>
{
    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        foreach (var offer in scope.OpenRun?.Experts.Where(expert => expert.Stage == NightStages.Offered).ToList() ?? [])
        {
            if (Fate(scope, offer) is var (stage, message))
            {
                scope.Change(offer, offer with { Stage = stage, Message = message });
            }
        }

        return Task.FromResult(Outcome.Continue);
    }

    private (string Stage, string? Message)? Fate(ConsolidationScope scope, ConsolidatedExpert offer)
    {
        var digest = cluster.Find<LoraExpert>(scope.Namespace, offer.Name) is { Metadata.DeletionTimestamp: null } expert ? expert.Status.Artifact?.Digest : null;
        return digest == offer.Artifact!.Digest ? (NightStages.Admitted, offer.Message)
            : digest != offer.From ? (NightStages.Superseded, "It learnt something else meanwhile, or is gone.")
            : ExpertVersions.IsUseless(offer.Evaluation) ? (NightStages.Refused, "It is no better than the bare backbone.")
            : SetDraft.RefusalOf(cluster, scope.Backbone, offer.Name, offer.Artifact.Digest) is { } refusal ? (NightStages.Refused, refusal.Message)
            : null;
    }
}
