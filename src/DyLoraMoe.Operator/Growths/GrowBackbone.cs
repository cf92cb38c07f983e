using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Has the larger backbone made, relearn and measured. What a gate refuses ends here, and nothing that is served has changed.</summary>
internal sealed class GrowBackbone(JobRunner jobs, ICluster cluster) : IPhase<GrowthScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        if (scope.Status.Backbone is not null)
        {
            return Outcome.Continue;
        }

        var stage = await jobs.AdvanceAsync(Plan(scope), cancellationToken);
        scope.Status.Job = (stage as JobStage.Running)?.Job;
        if (stage is JobStage.Finished { IsSuccess: true, Result: { Grow: { } grown } result })
        {
            return Judge(scope, result, grown);
        }

        // What carries experts over now does so for a former plan.
        await jobs.StopAsync(scope.Growth, JobKind.Migrate, cancellationToken);
        var isPlan = stage is JobStage.Finished { Result.Reason: Reasons.GrowthImpossible };
        var (finding, outcome) = StageOutcome.Of(stage, isPlan ? ConditionTypes.Planned : ConditionTypes.Grown, Reasons.InvalidInput);
        scope.Find(finding);
        return outcome;
    }

    private static Outcome Judge(GrowthScope scope, JobResult result, GrowResult grown)
    {
        Note(scope.Status, grown);
        scope.Find(Finding.True(ConditionTypes.Planned, Reasons.GrowthPlanned, string.Join("; ", grown.Steps) + $": {grown.ParametersBefore} weights become {grown.ParametersAfter}."));
        var gates = scope.Spec.Gates;
        if (!grown.IsAccepted && result.Reason == Reasons.FunctionChanged)
        {
            scope.Find(Finding.False(ConditionTypes.Grown, result.Reason, result.Message));
            return Outcome.Stop(result.Reason, result.Message);
        }

        scope.Find(Finding.True(ConditionTypes.Grown, Reasons.FunctionPreserved, $"At the moment of growth logits differ by {scope.Status.FunctionError} of the largest; {gates.FunctionError} are allowed."));
        if (!grown.IsAccepted)
        {
            scope.Find(Finding.False(ConditionTypes.Relearned, result.Reason, result.Message));
            return Outcome.Stop(result.Reason, result.Message);
        }

        scope.Find(Finding.True(ConditionTypes.Relearned, result.Reason, result.Message));
        scope.Status.Backbone = new() { Digest = grown.Digest!, Artifact = grown.Artifact!, Parameters = grown.ParametersAfter, SizeBytes = grown.SizeBytes };
        return Outcome.Continue;
    }

    private static void Note(GrowthStatus status, GrowResult grown)
    {
        (status.ParametersBefore, status.ParametersAfter) = (grown.ParametersBefore, grown.ParametersAfter);
        status.Grown = grown.ParametersBefore > 0 ? string.Create(CultureInfo.InvariantCulture, $"+{100.0 * (grown.ParametersAfter - grown.ParametersBefore) / grown.ParametersBefore:0} %") : null;
        status.Steps = [.. grown.Steps.Take(Bounds.GrowthOperators)];
        status.Pressures = grown.Pressures.Count == 0 ? null : [.. grown.Pressures.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {Figure(pair.Value)}")];
        (status.FunctionError, status.Divergence, status.DivergenceBefore) = (Figure(grown.FunctionError), Figure(grown.Divergence), Figure(grown.DivergenceBefore));
        (status.Judge, status.Tokens) = grown.Divergence is null ? default((string?, long?)) : (grown.Judge, grown.Tokens);
    }

    private static string? Figure(double? number) => number is { } found ? Figure(found) : null;

    private static string Figure(double number) => number.ToString(number is 0 or >= 0.001 ? "0.####" : "0.##e+0", CultureInfo.InvariantCulture);

    private JobPlan Plan(GrowthScope scope) => new()
    {
        Kind = JobKind.Grow,
        Subject = scope.Growth,
        Backbone = scope.Backbone,
        Inputs = Hash.Of(scope.Status.Terms, scope.Status.From),
        IsSuspended = scope.IsSuspended,
        Request = () => RequestParts.Begin(JobKind.Grow, scope.Backbone, scope.ActiveSet, RequestParts.Skills(cluster, scope.Backbone, expert => scope.ActiveSet.Find(expert) is not null)) with
        {
            Grow = Input(scope),
        },
    };

    private static GrowInput Input(GrowthScope scope)
    {
        var spec = scope.Spec;
        return new()
        {
            Growth = scope.Name,
            Operators = spec.Operators is { } operators ? [.. operators.Select(step => new GrowthOperatorInput(step.Operator, step.At, step.Count, step.To, step.Percent, step.Times))] : null,
            Automatic = spec.Automatic is { } automatic ? new([.. automatic.Axes], automatic.BudgetPercent) : null,
            Variant = spec.Variant,
            Noise = RequestParts.Number(spec.Noise) ?? 0,
            Seed = spec.Seed,
            Relearn = spec.Relearning is { } relearning
                ? new()
                {
                    Steps = relearning.Steps,
                    Rate = RequestParts.Number(relearning.Rate),
                    BatchSize = relearning.BatchSize,
                    DataPercent = relearning.DataPercent,
                    CheckpointSeconds = relearning.CheckpointSeconds,
                }
                : null,
            FunctionError = RequestParts.Number(spec.Gates.FunctionError) ?? 0,
            Divergence = RequestParts.Number(spec.Gates.Divergence) ?? 0,
        };
    }
}
