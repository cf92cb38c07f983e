using System.Collections.Concurrent;
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
    // What arms need to find their rate: it, its neighbours, and a step or two further.
    private const int UsualTries = 5;

    /// <summary>Does what is missing.</summary>
    /// <param name="experiments">The experiments.</param>
    /// <param name="runs">Paired runs.</param>
    /// <param name="isTuned">Whether rates are tuned; otherwise all arms have the usual one.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>Every result.</returns>
    public IReadOnlyList<TrialResult> Run(IReadOnlyList<string> experiments, int runs, bool isTuned, CancellationToken cancellation)
    {
        var arms = experiments.SelectMany(Experiments.Of).ToList();
        var rates = isTuned ? Tune(arms, cancellation) : [];
        var trials = Enumerable.Range(1, runs).SelectMany(run => arms.Select(arm => arm.Options with { Run = run, Rate = arm.Rate ?? rates.GetValueOrDefault(arm.TunedAs, Experiments.UsualRate) })).ToList();
        var open = trials.Where(trial => results.Read(trial) is null).ToList();
        Do(open, open.Sum(TokensOf), $"{open.Count} runs, {trials.Count - open.Count} there already", (trial, stop) => Execute(trial, stop), cancellation);
        return [.. trials.Select(results.Read).OfType<TrialResult>()];
    }

    private ConcurrentDictionary<string, double> Tune(List<TrialArm> arms, CancellationToken cancellation)
    {
        var tuned = arms.Where(arm => arm.Rate is null).DistinctBy(arm => arm.TunedAs).ToList();
        var rates = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        Do(tuned, tuned.Sum(arm => UsualTries * TokensOf(arm.Tuning)), $"{tuned.Count} rates to find", (arm, stop) => rates[arm.TunedAs] = Find(arm, stop), cancellation);
        return rates;
    }

    // By the loss on frames that are not taught, in a run of its own: no test of any other run is looked at.
    private double Find(TrialArm arm, CancellationToken stop)
    {
        var ladder = Experiments.RateLadder;
        return RateClimb.From(ladder.ToList().IndexOf(Experiments.UsualRate), ladder.Count, Loss) is { } found
            ? ladder[found]
            : throw new TrainingDivergedException(0, $"Every rate of '{arm.TunedAs}'");

        double Loss(int rung)
        {
            var trial = arm.Tuning with { Rate = ladder[rung] };
            var after = (results.Read(trial) ?? Execute(trial, stop)).After;
            return after is not null && double.IsFinite(after.NovelFrames.Nats) ? after.NovelFrames.Nats : double.PositiveInfinity;
        }
    }

    private TrialResult Execute(TrialOptions trial, CancellationToken stop)
    {
        progress.Say(string.Create(CultureInfo.InvariantCulture, $"{trial.Experiment} run {trial.Run} · {trial.Arm} at {trial.Rate:0.0e-0}"));
        var result = new TrialRun(folder, size, TimeProvider.System).Execute(trial, progress.Did, stop);
        results.Write(result);
        return result;
    }

    private long TokensOf(TrialOptions trial) => (long)(size.Tokens * trial.Budget);

    private void Do<T>(IReadOnlyList<T> pieces, long tokens, string what, Action<T, CancellationToken> execute, CancellationToken cancellation)
    {
        if (pieces.Count > 0)
        {
            progress.Begin(tokens, what);
            WorkQueue.Run([.. pieces.Select(piece => (Action<CancellationToken>)(stop => execute(piece, stop)))], workers, cancellation);
        }
    }
}
