using System.Globalization;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>Every run on a line of its own, for whoever wants other means than the report has.</summary>
internal static class RunTable
{
    private static readonly string[] _columns =
    [
        "experiment", "arm", "run", "rate", "taught_nats_before", "novel_frames_nats_before", "untaught_pairs_nats_before", "general_nats_before", "taught_exact", "novel_frames_exact", "untaught_pairs_exact", "taught_nats", "novel_frames_nats", "untaught_pairs_nats",
        "forgetting_nats", "worst_canary_nats", "step_kl_nats", "context_drift", "tokens", "steps", "roll_backs", "matched", "dreams", "dreams_kept", "dreams_precision", "dreams_recall", "seconds",
    ];

    /// <summary>Writes them; a figure that a run does not have is empty.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="results">The runs.</param>
    public static void Write(string path, IReadOnlyList<TrialResult> results)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteText(path, string.Concat(results.Select(Line).Prepend(string.Join(',', _columns)).Select(line => line + "\n")));
    }

    private static string Line(TrialResult result)
    {
        var (before, after, night) = (result.Before, result.After, result.Night);
        double?[] figures =
        [
            result.Options.Run, result.Options.Rate, before.Usual.Nats, before.NovelFrames.Nats, before.UntaughtPairs.Nats, before.General, after?.Usual.Exact, after?.NovelFrames.Exact, after?.UntaughtPairs.Exact, after?.Usual.Nats, after?.NovelFrames.Nats, after?.UntaughtPairs.Nats,
            result.Forgetting, result.WorstCanary, result.StepDivergence, result.ContextDrift, result.Tokens, result.Steps, result.Rollbacks,
            result.IsReached is { } isReached ? (isReached ? 1 : 0) : null, night?.Tried, night?.Kept, night?.Precision, night?.Recall, result.Seconds,
        ];
        return $"{result.Options.Experiment},\"{result.Options.Arm}\"," + string.Join(',', figures.Select(figure => figure is { } value && double.IsFinite(value) ? value.ToString("G5", CultureInfo.InvariantCulture) : string.Empty));
    }
}
