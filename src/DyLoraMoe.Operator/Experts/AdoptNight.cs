using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Takes over a version that a Consolidation made once a set with it is served: until then the expert is what it was, and stays so when it is refused.</summary>
internal sealed class AdoptNight(ICluster cluster, TimeProvider clock) : IPhase<ExpertScope>
{
    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken)
    {
        if (Offers.Of(cluster, scope.Backbone, scope.ActiveSet).TryGetValue(scope.Name, out var offer) && scope.ActiveSet?.Find(scope.Name)?.Digest == offer.Artifact!.Digest)
        {
            scope.Status = ExpertVersions.With(scope.Status, offer, clock.GetUtcNow());
        }

        return Task.FromResult(Outcome.Continue);
    }
}
