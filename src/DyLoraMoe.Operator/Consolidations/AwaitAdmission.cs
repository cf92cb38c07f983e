using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>What becomes of the versions that a run offers. They are part of the Backbone's next set, like any newer version of an expert.</summary>
internal sealed class AwaitAdmission(ICluster cluster) : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        foreach (var offer in scope.OpenRun?.Experts.Where(expert => expert.Stage == NightStages.Offered).ToList() ?? [])
        {
            if (Fate(scope, offer) is var (stage, message))
            {
                scope.Change(offer, offer with { Stage = stage, Message = message });
            }
        }

        if (scope.Status.Run is { } run)
        {
            scope.Find(Admitted(run));
        }

        return Task.FromResult(
            scope.OpenRun is { } open && Runs.Any(open.Experts, NightStages.Offered)
                ? Outcome.WaitFor(Reasons.AwaitingAdmission, $"What was made is part of the next set of Backbone {scope.Backbone.Metadata.Name}, which is being tried.", _patience)
                : Outcome.Continue);
    }

    private (string Stage, string? Message)? Fate(ConsolidationScope scope, ConsolidatedExpert offer)
    {
        var digest = cluster.Find<LoraExpert>(scope.Namespace, offer.Name) is { Metadata.DeletionTimestamp: null } expert ? expert.Status.Artifact?.Digest : null;
        return digest == offer.Artifact!.Digest ? (NightStages.Admitted, offer.Message)
            : digest != offer.From ? (NightStages.Superseded, "It learnt something else meanwhile, or is gone.")
            : SetDraft.RefusalOf(cluster, scope.Backbone, offer.Name, offer.Artifact.Digest) is { } refusal ? (NightStages.Refused, refusal)
            : null;
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
