using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Whether the spec holds, what it refers to is there, and it is this Growth's turn. Notes when it is served, and begins anew when what it is to do has changed.</summary>
internal sealed class AcceptGrowth(ICluster cluster, JobRunner jobs, TimeProvider clock) : IPhase<GrowthScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private static readonly string[] _steps = [ConditionTypes.Planned, ConditionTypes.Grown, ConditionTypes.Relearned, ConditionTypes.Validated, ConditionTypes.Adopted];

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        if (Refuse(scope) is { } refused)
        {
            await StopAsync(scope, cancellationToken);
            return refused;
        }

        if (cluster.ActiveSet(scope.Backbone) is not { } active)
        {
            return Outcome.WaitFor(Reasons.BackboneNotReady, SetStore.LossOf(scope.Backbone, null) ?? $"Backbone {scope.Backbone.Metadata.Name} serves nothing yet.", _patience);
        }

        scope.ActiveSet = active;
        if (await BeginAnewAsync(scope, cancellationToken))
        {
            return Outcome.WaitFor(Reasons.Pending, "What came of the former plan goes first.", TimeSpan.FromSeconds(1));
        }

        if (GrowthTurns.Before(cluster, scope) is not { } first)
        {
            return Outcome.Continue;
        }

        if (GrowthTurns.HasRunningJob(cluster, scope.Growth))
        {
            await StopAsync(scope, cancellationToken);
        }

        return Outcome.WaitFor(Reasons.AnotherGrowth, $"Growth {first.Metadata.Name} of the same Backbone goes first.", _patience);
    }

    private Outcome? Refuse(GrowthScope scope)
    {
        if (GrowthRules.Check(scope.Growth) is { Count: > 0 } errors)
        {
            var message = string.Join(" ", errors);
            scope.Find(Finding.False(ConditionTypes.Accepted, Reasons.InvalidSpec, message));
            return Outcome.Stop(Reasons.InvalidSpec, message);
        }

        if (cluster.Find<Backbone>(scope.Namespace, scope.Spec.BackboneRef.Name) is not { } backbone)
        {
            var message = $"There is no Backbone {scope.Spec.BackboneRef.Name} in this namespace.";
            scope.Find(Finding.False(ConditionTypes.Accepted, Reasons.BackboneNotFound, message));
            return Outcome.WaitFor(Reasons.BackboneNotFound, message, _patience);
        }

        scope.Backbone = backbone;
        scope.Find(Finding.True(ConditionTypes.Accepted, Reasons.Valid, "The spec is valid and what it refers to exists."));
        return null;
    }

    // What nobody follows is not to go on; what it has done is in its checkpoint.
    private async Task StopAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        await jobs.StopAsync(scope.Growth, JobKind.Grow, cancellationToken);
        await jobs.StopAsync(scope.Growth, JobKind.Migrate, cancellationToken);
    }

    // What was found for other terms, or by growing from another backbone, says nothing about these. True where something was, which has to go.
    private async Task<bool> BeginAnewAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        var (status, terms, active) = (scope.Status, GrowthTerms.Of(scope.Growth), scope.ActiveSet.Set.Backbone.Digest);
        if (status.Terms == terms && status.Backbone is { } grown && scope.ActiveSet.DescendsFrom(grown.Digest))
        {
            status.AdoptionTime ??= clock.GetUtcNow().InSeconds();
            return false;
        }

        if (status.Terms == terms && (status.AdoptionTime is not null || status.From == active))
        {
            return false;
        }

        // Before the status says that it begins anew: what fails here is done again only until then.
        var isForgotten = await jobs.ForgetAsync(scope.Growth, cancellationToken);
        var done = status.Terms is null || status.Terms == terms ? StepOf(scope) : null;
        scope.Status = new() { ObservedGeneration = status.ObservedGeneration, Terms = terms, From = done?.From ?? active, Backbone = done?.Backbone, AdoptionTime = done is null ? null : clock.GetUtcNow().InSeconds() };
        foreach (var type in _steps)
        {
            scope.Find(done is null
                ? Finding.Unknown(type, Reasons.Pending, "It has not come to that yet.")
                : Finding.True(type, Reasons.BackboneAdopted, "A Growth of this name and plan has done it before."));
        }

        return isForgotten;
    }

    // One that is applied anew, by a tool that keeps to a repository or after a restore, is not to grow the backbone once more. What led to the backbone that it has
    // begun on is not what it was asked for since.
    private static GrowthStep? StepOf(GrowthScope scope) => scope.ActiveSet.Facts.Growths
        .Reverse()
        .TakeWhile(step => step.Backbone.Digest != scope.Status.From)
        .FirstOrDefault(step => step.Growth == scope.Name && step.Plan == GrowthTerms.PlanOf(scope.Growth));
}
