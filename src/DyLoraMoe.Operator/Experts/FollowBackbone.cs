using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Experts;

/// <summary>
/// Once a set on another backbone is served, a larger one or, after a roll back, the one before, an expert is what that set holds of it. One that it does not hold begins anew.
/// </summary>
internal sealed class FollowBackbone(ICluster cluster, TimeProvider clock) : IPhase<ExpertScope>
{
    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken) => Task.FromResult(Follow(scope));

    private Outcome Follow(ExpertScope scope)
    {
        if (scope.ActiveSet is not { } set || scope.Status.Artifact is not { Digest: not null } artifact || artifact.Backbone == RequestParts.GrownDigest(set.Set.Backbone))
        {
            return Outcome.Continue;
        }

        if (set.Find(scope.Name) is { } member)
        {
            var carried = cluster.Growths(scope.Backbone).SelectMany(growth => growth.Status.Experts ?? []).FirstOrDefault(each => each.Artifact?.Digest == member.Digest);
            var learned = set.Facts.Learned.GetValueOrDefault(scope.Name) ?? [];
            scope.Status = ExpertVersions.With(scope.Status, member, RequestParts.GrownDigest(set.Set.Backbone), carried, learned, clock.GetUtcNow());
            return Outcome.Continue;
        }

        if (scope.Expert.Spec.Source is { } source)
        {
            if (ImportAdapter.TakenIn(cluster, scope, source) is null)
            {
                // Another adapter than the one that does not fit.
                return Outcome.Continue;
            }

            var message = $"The adapter was made for a backbone that {scope.Backbone.Metadata.Name} does not serve now; bring one that was made for {set.Set.Backbone.Digest}, and change spec.source.version or the place that spec.source names.";
            scope.Find(Finding.False(ConditionTypes.Served, Reasons.BackboneMismatch, message));
            return Outcome.Stop(Reasons.BackboneMismatch, message);
        }

        scope.Status = scope.Status with { Artifact = null, TrainedOn = null, Evaluation = null, Stage = ExpertStages.Pending };
        return Outcome.Continue;
    }
}
