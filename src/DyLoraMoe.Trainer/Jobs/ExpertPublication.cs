using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Puts experts into the store with their cards, and says what came of them.</summary>
internal static class ExpertPublication
{
    /// <summary>Publishes an expert.</summary>
    /// <param name="context">The job.</param>
    /// <param name="adapter">Its weights.</param>
    /// <param name="card">Its card.</param>
    /// <param name="episodes">Names of the episodes that it has learnt.</param>
    /// <returns>Its digest.</returns>
    public static string Publish(JobContext context, LoraAdapter adapter, ExpertCard card, IEnumerable<string>? episodes = null) => context.Store.Publish(ArtifactKind.Expert, folder =>
    {
        PeftFolder.Save(folder, adapter, context.Request.Backbone.Name);
        card.Save(folder);
        LearntEpisodes.Save(folder, episodes ?? []);
    });

    /// <summary>The figures that a card and its weights give.</summary>
    public static TrainResult Figures(string digest, ExpertCard card, LoraAdapter adapter) => new()
    {
        Expert = digest,
        Version = card.Version,
        SizeBytes = adapter.Bytes,
        Mode = card.Mode.ToString(),
        Rank = card.Rank,
        ShapeReason = Text.Cut(card.ShapeReason, 512),
        StartedFrom = card.StartedFrom,
        BackboneLoss = card.BackboneLoss,
        ExpertLoss = card.ExpertLoss,
        Samples = (int)card.SamplesSeen,
    };

    /// <summary>A sentence about trainings that a gauge ended or that went back to good weights, with a space before it; empty where none did.</summary>
    /// <param name="trained">The trainings, one after the other.</param>
    public static string EndOf(IReadOnlyList<TrainingReport> trained)
    {
        var rollbacks = trained.Sum(report => report.Rollbacks);
        var back = rollbacks == 0 ? "" : $"went back to its last good weights {(rollbacks == 1 ? "once" : $"{rollbacks} times")}";
        var last = trained.Count > 0 ? trained[^1] : null;
        return last?.Outcome switch
        {
            TrainingOutcome.Drifted or TrainingOutcome.Unstable =>
                string.Create(CultureInfo.InvariantCulture, $" Training {(back.Length > 0 ? back + " and " : "")}ended after {last.Steps} steps{(last.OverBudget is { } over ? $": {over}" : "")}."),
            _ => back.Length > 0 ? $" Training {back}." : "",
        };
    }

    /// <summary>A result without figures.</summary>
    public static JobResult Result(JobKind kind, string digest, ExpertCard card, LoraAdapter adapter)
    {
        var (backbone, own) = (card.BackboneLoss, card.ExpertLoss);
        return new JobResult
        {
            Kind = kind,
            Outcome = JobOutcome.Succeeded,
            Reason = kind == JobKind.Import ? Reasons.Imported : Reasons.TrainingComplete,
            Message = backbone is null
                ? $"Expert '{card.Name}' could not be measured: there are no held-out data."
                : string.Create(CultureInfo.InvariantCulture, $"Expert '{card.Name}' has {own:0.0000} nats per token on held-out data, the bare backbone {backbone:0.0000}."),
            Train = Figures(digest, card, adapter),
        };
    }
}
