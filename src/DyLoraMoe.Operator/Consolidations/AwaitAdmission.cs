using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Waits for what becomes of the versions that a run offers. They are part of the Backbone's next set, like any newer version of an expert.</summary>
internal sealed class AwaitAdmission : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        if (scope.Status.Run is { } run)
        {
            scope.Find(Admitted(run));
        }

        return Task.FromResult(
            scope.OpenRun is { } open && Runs.Any(open.Experts, NightStages.Offered)
                ? Outcome.WaitFor(Reasons.AwaitingAdmission, $"What was made is part of the next set of Backbone {scope.Backbone.Metadata.Name}, which is being tried.", _patience)
                : Outcome.Continue);
    }

    private static Finding Admitted(ConsolidationRun run)
    {
        var experts = run.Experts;
        return Runs.Any(experts, NightStages.Pending) || Runs.Any(experts, NightStages.Offered) ? Finding.Unknown(ConditionTypes.Admitted, Reasons.AwaitingAdmission, $"Run {run.Number}: {run.Progress} experts are done with.")
            : Runs.Any(experts, NightStages.Refused) ? Finding.False(ConditionTypes.Admitted, Reasons.RegressionRefused, $"Run {run.Number}: {Runs.Messages(experts, NightStages.Refused)}")
            : Runs.Any(experts, NightStages.Admitted) ? Finding.True(ConditionTypes.Admitted, Reasons.SetAdmitted, $"Run {run.Number}: {Runs.Tally(experts)}.")
            : Runs.Any(experts, NightStages.Superseded) && !Runs.Any(experts, NightStages.Unchanged) ? Finding.True(ConditionTypes.Admitted, Reasons.Superseded, $"Run {run.Number}: {Runs.Tally(experts)}.")
            : Finding.True(ConditionTypes.Admitted, Reasons.NothingImproved, $"Run {run.Number}: there is nothing to admit.");
    }
}
