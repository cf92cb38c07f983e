using System.Globalization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Running;

/// <summary>Tunes and runs the arms; what is on disk already is not done again.</summary>
/// <param name="folder">The backbone's folder.</param>
/// <param name="size">Shape of the runs.</param>
/// <param name="results">Where results are kept.</param>
/// <param name="progress">Who is told.</param>
/// <param name="workers">Runs side by side.</param>
internal sealed class PredictionRunner(string folder, TrialSize size, PredictionResults results, BenchProgress progress, int workers)
{
    /// <summary>Does what is missing.</summary>
    /// <param name="experiments">The experiments.</param>
    /// <param name="runs">Paired runs.</param>
    /// <param name="isTuned">Whether rates are tuned; otherwise the middle of the grid is taken.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>Every result, and the rates.</returns>
    public (IReadOnlyList<TrialResult> Results, IReadOnlyDictionary<string, double> Rates) Run(IReadOnlyList<string> experiments, int runs, bool isTuned, CancellationToken cancellation)
    {
        var arms = experiments.SelectMany(Experiments.Of).ToList();
        var rates = isTuned ? Tune(arms, cancellation) : arms.Select(arm => arm.TunedAs).Distinct().ToDictionary(name => name, _ => Experiments.RateGrid[Experiments.RateGrid.Count / 2]);
        var trials = Enumerable.Range(1, runs).SelectMany(run => arms.Select(arm => arm.Options with { Run = run, Rate = arm.Rate ?? rates[arm.TunedAs] })).ToList();
        Do(trials, "runs", cancellation);
        return ([.. trials.Select(results.Read).OfType<TrialResult>()], rates);
    }

    // By the loss on frames that are not taught, in a run of its own: no test of any other run is looked at.
    private Dictionary<string, double> Tune(List<TrialArm> arms, CancellationToken cancellation)
    {
        var tuned = arms.Where(arm => arm.Rate is null).DistinctBy(arm => arm.TunedAs).ToList();
        Do([.. tuned.SelectMany(Tries)], "rates to try", cancellation);
        return tuned.ToDictionary(arm => arm.TunedAs, arm => Tries(arm).Select(results.Read).OfType<TrialResult>().Where(result => result.After is not null)
            .MinBy(result => result.After!.NovelFrames.Nats)?.Options.Rate
            ?? throw new TrainingDivergedException(0, $"Every rate of '{arm.TunedAs}'"), StringComparer.Ordinal);
    }

    private static IEnumerable<TrialOptions> Tries(TrialArm arm) => Experiments.RateGrid.Select(rate => arm.Tuning with { Rate = rate });

    private void Do(List<TrialOptions> trials, string what, CancellationToken cancellation)
    {
        var open = trials.Where(trial => results.Read(trial) is null).ToList();
        if (open.Count == 0)
        {
            return;
        }

        progress.Begin(open.Sum(trial => (long)(size.Tokens * trial.Budget)), $"{open.Count} {what}, {trials.Count - open.Count} there already");
        WorkQueue.Run(
            [.. open.Select(trial => (Action<CancellationToken>)(stop =>
            {
                progress.Say(string.Create(CultureInfo.InvariantCulture, $"{trial.Experiment} run {trial.Run} · {trial.Arm} at {trial.Rate:0.0e-0}"));
                results.Write(new TrialRun(folder, size, TimeProvider.System).Execute(trial, progress.Did, stop));
            }))],
            workers,
            cancellation);
    }
}
