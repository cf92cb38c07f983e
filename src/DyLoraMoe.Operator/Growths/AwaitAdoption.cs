using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Growths;

/// <summary>What becomes of the larger backbone. It is part of the Backbone's next set, with all experts at once.</summary>
internal sealed class AwaitAdoption(ICluster cluster, JobRunner jobs) : IPhase<GrowthScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        // What was found is in the status by now.
        await jobs.TidyAsync(scope.Growth, request => request.Tag(Labels.JobKind) == nameof(JobKind.Grow) && scope.Status.Backbone is null, scope.Backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
        return Decide(scope);
    }

    private Outcome Decide(GrowthScope scope)
    {
        var (status, active, name) = (scope.Status, scope.ActiveSet.Set.Backbone, scope.Backbone.Metadata.Name);
        if (scope.ActiveSet.DescendsFrom(status.Backbone!.Digest))
        {
            return Adopted(scope, active.Artifact == status.Backbone.Artifact
                ? $"Backbone {name} serves {status.Backbone.Digest}, {status.Grown ?? "grown"}."
                : $"Backbone {name} serves one that has grown from {status.Backbone.Digest}.");
        }

        if (status.AdoptionTime is not null)
        {
            var message = $"Backbone {name} serves a set on another backbone again.";
            scope.Find(Finding.False(ConditionTypes.Adopted, Reasons.RolledBack, message));
            return Outcome.Finish(Reasons.RolledBack, message);
        }

        if (scope.Refusal(cluster) is { } refusal)
        {
            scope.Find(Finding.False(ConditionTypes.Validated, refusal.Reason, refusal.Message));
            return Outcome.Stop(refusal.Reason, refusal.Message);
        }

        return Await(scope, name);
    }

    private static Outcome Adopted(GrowthScope scope, string message)
    {
        scope.Find(Finding.True(ConditionTypes.Validated, Reasons.WithinBudget, "No skill is worse than the budget allows."));
        scope.Find(Finding.True(ConditionTypes.Adopted, Reasons.BackboneAdopted, message));
        return Outcome.Finish(Reasons.BackboneAdopted, message);
    }

    private static Outcome Await(GrowthScope scope, string name)
    {
        if (scope.IsSuspended)
        {
            return Outcome.WaitFor(Reasons.Suspended, "It is not offered while work is suspended by the spec.", _patience);
        }

        var (reason, message) = RequestParts.Given(scope.Backbone.Spec.Serving.Revision) is { } pinned
            ? (Reasons.RevisionPinned, $"Backbone {name} is pinned to revision {pinned}; the larger one is offered once that is taken back.")
            : (Reasons.AwaitingAdmission, $"The larger backbone with all experts is the next set of Backbone {name}, which is being tried.");
        scope.Find(Finding.Unknown(ConditionTypes.Validated, reason, message));
        return Outcome.WaitFor(reason, message, _patience);
    }
}
