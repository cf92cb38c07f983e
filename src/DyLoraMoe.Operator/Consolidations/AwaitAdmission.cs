using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Waits for what becomes of the versions that a run offers. They are part of the Backbone's next set, like any newer version of an expert.</summary>
internal sealed class AwaitAdmission : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        if (scope.OpenRun is { } open && Runs.Any(open.Experts, NightStages.Offered))
        {
            var (reason, message) = Awaited(scope.Backbone);
            scope.Find(Finding.Unknown(ConditionTypes.Admitted, reason, $"Run {open.Number}: {open.Progress} experts are done with. {message}"));
            return Task.FromResult(Outcome.WaitFor(reason, message, _patience));
        }

        if (scope.Status.Run is { } run)
        {
            scope.Find(Admitted(run));
        }

        return Task.FromResult(Outcome.Continue);
    }

    private static (string Reason, string Message) Awaited(Backbone backbone)
    {
        var name = backbone.Metadata.Name;
        return backbone.Spec.Suspend ? (Reasons.Suspended, $"Work of Backbone {name} is suspended by its spec; what was made is tried once that is taken back.")
            : RequestParts.Given(backbone.Spec.Serving.Revision) is { } pinned ? (Reasons.RevisionPinned, $"Backbone {name} is pinned to revision {pinned}; what was made is tried once that is taken back.")
            : (Reasons.AwaitingAdmission, $"What was made is part of the next set of Backbone {name}, which is being tried.");
    }

    private static Finding Admitted(ConsolidationRun run)
    {
        var experts = run.Experts;
        return Runs.Any(experts, NightStages.Refused) ? Finding.False(ConditionTypes.Admitted, Reasons.RegressionRefused, $"Run {run.Number}: {Runs.Messages(experts, NightStages.Refused)}")
            : Runs.Any(experts, NightStages.Admitted) ? Finding.True(ConditionTypes.Admitted, Reasons.SetAdmitted, $"Run {run.Number}: {Runs.Tally(experts)}.")
            : Runs.Any(experts, NightStages.Superseded) && !Runs.Any(experts, NightStages.Unchanged) ? Finding.True(ConditionTypes.Admitted, Reasons.Superseded, $"Run {run.Number}: {Runs.Tally(experts)}.")
            : Finding.True(ConditionTypes.Admitted, Reasons.NothingImproved, $"Run {run.Number}: there is nothing to admit.");
    }
}
