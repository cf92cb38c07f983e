using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Closes a run, and says how the newest one ended.</summary>
internal sealed class EndRun(ICluster cluster, JobRunner jobs, TimeProvider clock) : IPhase<ConsolidationScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        if (scope.OpenRun is { } open)
        {
            var now = clock.GetUtcNow();
            scope.Status.Run = open with { CompletionTime = now.InSeconds(), Outcome = Runs.Outcome(open.Experts) };

            // What came due meanwhile is left out: nights do not pile up.
            await BeginRun.MissAsync(cluster, scope, BeginRun.Due(scope, now), "another run was under way", cancellationToken);
        }

        await jobs.TidyAsync(scope.Consolidation, _ => false, scope.Backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
        var run = scope.Status.Run!;
        var ended = $"Run {run.Number}: {Runs.Tally(run.Experts)}.";
        return scope.Timetable is not null ? BeginRun.Rest(scope, ended) : run.Outcome switch
        {
            RunOutcomes.Refused => Outcome.Stop(Reasons.RegressionRefused, Runs.Messages(run.Experts, NightStages.Refused)),
            RunOutcomes.Failed => Outcome.Stop(Reasons.JobFailed, Runs.Messages(run.Experts, NightStages.Failed)),
            RunOutcomes.Admitted => Outcome.Finish(Reasons.SetAdmitted, ended),
            _ => Outcome.Finish(Reasons.NothingImproved, ended),
        };
    }
}
