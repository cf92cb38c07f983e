using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>The report of what was found.</summary>
internal static class PredictionReport
{
    private const string FileName = "predictions-results.md";

    /// <summary>Writes it.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="command">What it was made with.</param>
    /// <param name="size">Shape of the runs.</param>
    /// <param name="results">Every result.</param>
    /// <returns>Its path.</returns>
    public static string Write(string folder, string command, TrialSize size, IReadOnlyList<TrialResult> results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# What became of the five predictions\n\nWritten by `{command}`, which goes on from what is there. What is claimed, and what would falsify it, was registered before in [predictions.md](predictions.md).\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{results.Select(result => result.Options.Run).Distinct().Count()} paired runs, {size.Tokens:N0} tokens each, {size.Rows} x {size.RowLength} a step. Means ± half of the 95 % confidence interval (Student's t). Those of prediction 1 have the rates that it names, all others the one that was found for each; every run but those of tuning is in [predictions/runs.csv](predictions/runs.csv).\n\n");
        foreach (var experiment in Experiments.All)
        {
            var done = results.Where(result => result.Options.Experiment == experiment).ToList();
            if (done.Count > 0)
            {
                text.Append(Section(experiment, done));
            }
        }

        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        AtomicFile.WriteText(path, text.ToString().TrimEnd() + "\n");
        RunTable.Write(Path.Combine(folder, "predictions", "runs.csv"), results);
        return path;
    }

    private static string Section(string experiment, List<TrialResult> results) => experiment switch
    {
        Experiments.Rates => "## 1. Rates and diversity\n\n" + Table(results) + RateSection.Of(results),
        Experiments.Generalization => "## 2. Generalization\n\n" + Table(results) + Claims.Generalization(results),
        Experiments.Context => "## 3. A frozen context\n\n" + Table(results) + Claims.Context(results),
        Experiments.Dreams => "## 4. Dreams\n\n" + Table(results) + Claims.Dreams(results),
        _ => "## 5. Six scales\n\n" + Table(results) + ScaleSection.Of(results),
    };

    private static string Table(List<TrialResult> results)
    {
        var table = new MarkdownTable("arm", "rate", "taught, exact", "novel frames, exact", "untaught pairs, exact", "taught, nats", "novel frames, nats", "untaught pairs, nats", "forgetting, nats", "worst canary, nats", "KL of a step", "context drift", "steps", "roll backs");
        foreach (var arm in results.GroupBy(result => result.Options.Arm))
        {
            table.Add(
                arm.Key,
                arm.First().Options.Rate.ToString("0e-0", CultureInfo.InvariantCulture),
                Of(arm, after => after.Usual.Exact),
                Of(arm, after => after.NovelFrames.Exact),
                Of(arm, after => after.UntaughtPairs.Exact),
                Of(arm, after => after.Usual.Nats),
                Of(arm, after => after.NovelFrames.Nats),
                Of(arm, after => after.UntaughtPairs.Nats),
                Figure.Of(MeanInterval.Of(arm.Select(result => result.Forgetting)), 3),
                Figure.Of(MeanInterval.Of(arm.Select(result => result.WorstCanary)), 3),
                Small(arm.Average(result => result.StepDivergence)),
                Figure.Of(arm.Average(result => result.ContextDrift ?? double.NaN), 3),
                Figure.Of(arm.Average(result => result.Steps), 0),
                Figure.Of(arm.Average(result => result.Rollbacks ?? double.NaN), 1));
        }

        return table.ToString();
    }

    private static string Small(double nats) => double.IsFinite(nats) ? nats.ToString("0.0e-0", CultureInfo.InvariantCulture) : "–";

    private static string Of(IEnumerable<TrialResult> results, Func<Ability, double> value) =>
        Figure.Of(MeanInterval.Of(results.Select(result => result.After is null ? double.NaN : value(result.After))), 3);
}
