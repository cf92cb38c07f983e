using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>How the roll is, and how the visit ends.</summary>
internal sealed class ConcludeBackbone : IPhase<BackboneScope>
{
    // Deployments tell of themselves; this is for the case that one does not.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        if (scope is { IsSetLost: true, Target: null, Pending: { } lost })
        {
            // How its roll went stays as it was: there is nothing to tell it by.
            return Task.FromResult(lost);
        }

        var roll = Roll(scope);
        scope.Find(roll);
        return Task.FromResult(Decide(scope, roll));
    }

    private static Outcome Decide(BackboneScope scope, Finding roll)
    {
        if (scope.Pending is Outcome.Stalled)
        {
            return scope.Pending;
        }

        if (roll.Status == ConditionStatus.False)
        {
            return Outcome.Stop(roll.Reason, roll.Message);
        }

        if (roll.Status == ConditionStatus.Unknown)
        {
            return Outcome.WaitFor(roll.Reason, roll.Message, _patience);
        }

        return scope.Pending ?? Outcome.Finish(roll.Reason == Reasons.ScaledToZero ? roll.Reason : Reasons.Serving, $"{scope.Status.Experts ?? 0} experts are served by {scope.Status.Serving} pods.", scope.NextLook);
    }

    private static Finding Roll(BackboneScope scope)
    {
        if (scope.Deployment is not { } deployment || scope.Target is not { } target)
        {
            return Finding.Unknown(ConditionTypes.RolledOut, Reasons.Pending, "There is no set yet.");
        }

        var (revision, refusal) = (Sets.SetStore.ShortOf(target.Revision), Rollouts.RefusalOf(deployment));
        var state = Rollouts.StateOf(deployment);
        if (scope.Excuse is { } excuse && state != RolloutState.Complete)
        {
            return Finding.Unknown(ConditionTypes.RolledOut, excuse.Reason, $"Revision {revision} is being rolled out; {scope.Status.Serving} pods have it. {excuse.Message}");
        }

        if (Rollouts.RevisionOf(deployment) != target.Revision || state == RolloutState.Progressing)
        {
            return refusal is not null
                ? Finding.Unknown(ConditionTypes.RolledOut, Reasons.FailedCreate, refusal)
                : target.Revision == scope.Active?.Revision && scope.Status.UpdatedReplicas >= deployment.Spec?.Replicas && deployment.Spec?.Replicas > 0
                ? Finding.Unknown(ConditionTypes.RolledOut, Reasons.ReplicasUnavailable, $"{scope.Status.Serving} pods are ready.")
                : Finding.Unknown(ConditionTypes.RolledOut, Reasons.RollingOut, $"Revision {revision} is being rolled out; {scope.Status.Serving} pods have it.");
        }

        if (state == RolloutState.Stuck)
        {
            return Finding.False(ConditionTypes.RolledOut, Reasons.RollOutStuck, $"Revision {revision} did not become ready in time; pods that served before it still do.{(refusal is null ? "" : $" Kubernetes says: {refusal}")}");
        }

        return deployment.Spec.Replicas == 0
            ? Finding.True(ConditionTypes.RolledOut, Reasons.ScaledToZero, "The spec asks for no pods.")
            : Finding.True(ConditionTypes.RolledOut, Reasons.RollOutComplete, $"All pods serve revision {revision}.");
    }
}
