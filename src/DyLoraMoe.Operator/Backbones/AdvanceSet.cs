using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using DyLoraMoe.Operator.Sets;
using DyLoraMoe.Operator.Telemetry;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>
/// Brings the set that is to be served to the experts that are there: resolve, fit a router, compare with the active set, accept. Whatever comes of it, what
/// is served goes on being served, so this phase leaves what it waits for in the scope and lets the next ones run.
/// </summary>
internal sealed class AdvanceSet(ICluster cluster, JobRunner jobs, OperatorMetrics metrics) : IPhase<BackboneScope>
{
    // More tries than this in one visit would mean that refusals are not found again.
    private const int MostTries = 8;

    // Nobody who asks for either is held up by a figure, so none is measured.
    private static readonly Finding _notCompared = Finding.Unknown(
        ConditionTypes.RegressionChecked, Reasons.NotMeasured, "The set came of experts that left, or of another routing policy, and was not compared with the one before: neither is refused. The next one with a new expert is compared with it.");

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var draft = SetDraft.Of(scope, cluster);
        scope.Status.Refused = draft.Refusals(scope.Backbone.Status.Refused);
        scope.Pending = RequestParts.Given(scope.Backbone.Spec.Serving.Revision) is { } pinned
            ? await PinAsync(scope, pinned, cancellationToken)
            : await FollowAsync(scope, draft, cancellationToken);
        scope.Status.PendingRevision = scope.Target is { } target && target.Revision != scope.Active?.Revision ? target.Revision : null;
        return Outcome.Continue;
    }

    private async Task<Outcome?> PinAsync(BackboneScope scope, string revision, CancellationToken cancellationToken)
    {
        await jobs.StopAsync(scope.Backbone, JobKind.FitRouter, cancellationToken);
        await jobs.StopAsync(scope.Backbone, JobKind.Check, cancellationToken);
        if (cluster.FindSet(scope.Backbone, revision) is not { } set)
        {
            var message = $"Revision {revision} is not among those that are kept; what is served stays.";
            scope.Find(Finding.False(ConditionTypes.SetResolved, Reasons.RevisionNotFound, message));
            return Outcome.Stop(Reasons.RevisionNotFound, message);
        }

        scope.Target = set;
        scope.Find(Finding.True(ConditionTypes.SetResolved, Reasons.RevisionPinned, $"The spec asks for revision {revision}."));
        return null;
    }

    private async Task<Outcome?> FollowAsync(BackboneScope scope, SetDraft draft, CancellationToken cancellationToken)
    {
        if (scope.Target is null && scope.IsSetLost)
        {
            var message = LostSet.Message(scope, cluster.Sets(scope.Backbone));
            scope.Find(Finding.False(ConditionTypes.SetResolved, Reasons.SetNotFound, message));
            return Outcome.Stop(Reasons.SetNotFound, message);
        }

        if (scope.Target is null && scope.Active is null)
        {
            // The bare backbone serves at once; experts join it.
            scope.Target = await AcceptAsync(scope, new() { Backbone = RequestParts.BackboneOf(scope.Backbone, scope.Status) }, new(), [], cancellationToken);
        }

        var stuck = StuckRoll(scope);
        if (stuck is null && scope.Target is { } target && target.Revision != scope.Active?.Revision)
        {
            // One roll at a time: the next candidate is compared with what this one becomes.
            return null;
        }

        for (var tries = 0; tries < MostTries; tries++)
        {
            var candidate = draft.Next();
            if (candidate is null)
            {
                await jobs.StopAsync(scope.Backbone, JobKind.FitRouter, cancellationToken);
                await jobs.StopAsync(scope.Backbone, JobKind.Check, cancellationToken);
                scope.Target = scope.Active;
                Settled(scope, draft);
                return null;
            }

            if (stuck is not null && draft.IsWanted(candidate, stuck.Set))
            {
                return null;
            }

            var (isDecided, outcome) = await TryAsync(scope, draft, candidate, cancellationToken);
            if (!isDecided)
            {
                return outcome;
            }

            if (scope.Target?.Revision != scope.Active?.Revision && scope.Target?.Revision != stuck?.Revision)
            {
                return null;
            }

            draft = SetDraft.Of(scope, cluster);
            scope.Status.Refused = draft.Refusals(scope.Status.Refused);
        }

        return Outcome.WaitFor(Reasons.Pending, "Candidates are being tried.", TimeSpan.FromSeconds(1));
    }

    // A set that brings no expert is not given up, for nobody else is to blame: it is what was asked for. It gives way to what is asked for now.
    private static KnownSet? StuckRoll(BackboneScope scope) =>
        scope is { Deployment: { } deployment, Target: { } target, Active: { } active, Excuse: null }
        && target.Revision != active.Revision
        && Rollouts.RevisionOf(deployment) == target.Revision
        && Rollouts.StateOf(deployment) == RolloutState.Stuck
            ? target
            : null;

    private static void Settled(BackboneScope scope, SetDraft draft)
    {
        var count = scope.Active?.Set.Experts.Count ?? 0;
        scope.Find(count == 0
            ? Finding.True(ConditionTypes.SetResolved, Reasons.NoExperts, "No expert is admitted yet: the bare backbone is served.")
            : Finding.True(ConditionTypes.SetResolved, Reasons.SetResolved, $"{count} experts."));
        scope.Find(count == 0
            ? Finding.True(ConditionTypes.RouterFitted, Reasons.RouterNotNeeded, "A set without experts needs no router.")
            : Finding.True(ConditionTypes.RouterFitted, Reasons.RouterFitted, $"{scope.Active!.Facts.AccuracyPercent} % of held-out prompts reach their expert."));
        scope.Find(draft.FirstRefusal is { } refusal
            ? Finding.False(ConditionTypes.RegressionChecked, Reasons.RegressionRefused, refusal.Message)
            : count > 0 && scope.Active!.Map.Note(JobNotes.Changes) is null or ""
            ? _notCompared
            : Finding.True(ConditionTypes.RegressionChecked, count == 0 ? Reasons.NothingToCompare : Reasons.WithinBudget, "No skill is worse than the budget allows."));
    }

    private async Task<(bool IsDecided, Outcome? Outcome)> TryAsync(BackboneScope scope, SetDraft draft, Candidate candidate, CancellationToken cancellationToken)
    {
        scope.Find(Finding.True(ConditionTypes.SetResolved, candidate.Members.Count == 0 ? Reasons.NoExperts : Reasons.SetResolved, $"{candidate.Members.Count} experts in the next set."));
        var (set, facts) = (new SetRevision { Backbone = candidate.Backbone }, new SetFacts { GrownFrom = candidate.GrownFrom, Growths = candidate.Growths });
        if (candidate.Members.Count == 0)
        {
            scope.Find(Finding.True(ConditionTypes.RouterFitted, Reasons.RouterNotNeeded, "A set without experts needs no router."));
        }
        else if (candidate.ReusesRouter)
        {
            (set, facts) = draft.Build(candidate, scope.Active!.Set.Router!, null);
        }
        else
        {
            var fit = await jobs.AdvanceAsync(draft.FitPlan(candidate), cancellationToken);
            if (fit is not JobStage.Finished { IsSuccess: true } fitted)
            {
                return Unfinished(scope, fit, ConditionTypes.RouterFitted, candidate);
            }

            (set, facts) = draft.Build(candidate, fitted.Result.FitRouter!.Router, fitted.Result.FitRouter);
            var carried = fitted.Result.FitRouter.IsCarried ? "The router of the smaller backbone is carried over as it is: " : "";
            scope.Find(Finding.True(ConditionTypes.RouterFitted, Reasons.RouterFitted, $"{carried}{facts.AccuracyPercent} % of held-out prompts reach their expert."));
        }

        if (set.ComputeRevision() == scope.Active?.Revision)
        {
            scope.Target = scope.Active;
            return (false, null);
        }

        if (MapSize.Excess(SetStore.MapOf(scope.Backbone, set, facts, candidate.Changes)) is { } excess)
        {
            scope.Find(Finding.False(ConditionTypes.SetResolved, Reasons.TooLarge, excess));
            return (false, Outcome.Stop(Reasons.TooLarge, excess));
        }

        if (candidate.Changes.Count == 0 && candidate.Members.Count > 0)
        {
            scope.Find(_notCompared);
        }
        else if (candidate.Changes.Count == 0 || scope.Active is not { Set.Experts.Count: > 0 })
        {
            scope.Find(Finding.True(ConditionTypes.RegressionChecked, Reasons.NothingToCompare, "There is no older skill that could get worse."));
        }
        else
        {
            var check = await jobs.AdvanceAsync(draft.CheckPlan(candidate, set), cancellationToken);
            if (check is not JobStage.Finished { IsSuccess: true, Result.Check: { } verdict })
            {
                return Unfinished(scope, check, ConditionTypes.RegressionChecked, candidate);
            }

            if (!verdict.IsAccepted)
            {
                metrics.RecordRefusal(ObjectKey.Of(scope.Backbone));
                scope.Find(Finding.False(ConditionTypes.RegressionChecked, Reasons.RegressionRefused, SetDraft.Figures(verdict)));
                return (true, null);
            }

            scope.Find(Finding.True(ConditionTypes.RegressionChecked, Reasons.WithinBudget, $"{verdict.Skills} skills compared; none is worse than the budget allows."));
        }

        scope.Target = await AcceptAsync(scope, set, facts, candidate.Changes, cancellationToken);
        return (true, null);
    }

    // A job that fails over several experts may fail because of one of them: they are tried apart, as after a refusal.
    private static (bool IsDecided, Outcome? Outcome) Unfinished(BackboneScope scope, JobStage stage, string type, Candidate candidate)
    {
        var (finding, outcome) = StageOutcome.Of(stage, type, Reasons.InvalidInput);
        scope.Find(finding);
        return stage is JobStage.Finished && candidate.Changes.Count > 0 ? (true, null) : (false, outcome);
    }

    private async Task<KnownSet?> AcceptAsync(BackboneScope scope, SetRevision set, SetFacts facts, IReadOnlyList<string> changes, CancellationToken cancellationToken)
    {
        var revision = set.ComputeRevision();
        if (cluster.FindSet(scope.Backbone, revision) is { } known && known.Map.Note(JobNotes.GivenUp) is null)
        {
            return known;
        }

        var map = await cluster.GetOrCreateAsync(SetStore.MapOf(scope.Backbone, set, facts, changes), cancellationToken);
        var wanted = string.Join(',', changes);
        if (map.Note(JobNotes.GivenUp) is not null && (map.Note(JobNotes.Terms) != RefusalTerms.Of(scope.Backbone) || map.Note(JobNotes.Changes) != wanted))
        {
            // It was given up on other terms, or for other changes, and is wanted again.
            var notes = new JsonObject { [JobNotes.GivenUp] = null, [JobNotes.Terms] = null, [JobNotes.Changes] = wanted };
            map = await cluster.MergeAsync(map, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = notes } }, cancellationToken);
        }

        return scope.Backbone.Owns(map) && map.Note(JobNotes.GivenUp) is null ? new(revision, set, facts, map) : scope.Active;
    }
}
