using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Runs a training run as a process should: progress on standard error, and a signal ends it with a checkpoint. The caller holds the run's folders.</summary>
internal static class SupervisedRun
{
    /// <summary>Trains to the end.</summary>
    /// <param name="choice">How the run is watched and saved.</param>
    /// <param name="start">Makes the run with the settings that follow from <paramref name="choice"/>.</param>
    /// <param name="finish">Saves the result; checkpoints are removed only after it.</param>
    /// <exception cref="StoppedException">A signal came; the run goes on from its checkpoint.</exception>
    public static void Execute(RunChoice choice, Func<RunSettings, TrainingRun> start, Action<TrainingReport> finish) => Execute(
        choice, start, run => run.RemoveCheckpoints(), (run, stop) => run.Run(stop), report => report.Outcome, (_, report) => finish(report));

    /// <summary>Trains a formally infinite network to the end.</summary>
    /// <param name="choice">How the run is watched and saved.</param>
    /// <param name="start">Makes the run with the settings that follow from <paramref name="choice"/>.</param>
    /// <param name="finish">Saves the result; checkpoints are removed only after it.</param>
    /// <exception cref="StoppedException">A signal came; the run goes on from its checkpoint.</exception>
    public static void Execute(RunChoice choice, Func<RunSettings, InfiniteRun> start, Action<InfiniteRun, InfiniteReport> finish) => Execute(
        choice, start, run => run.RemoveCheckpoints(), (run, stop) => run.Run(stop), report => report.Outcome, finish);

    private static void Execute<TRun, TReport>(
        RunChoice choice, Func<RunSettings, TRun> start, Action<TRun> removeCheckpoints, Func<TRun, CancellationToken, TReport> train, Func<TReport, TrainingOutcome> outcomeOf, Action<TRun, TReport> finish)
        where TRun : IDisposable
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(choice.LogFile))!);
        using var log = new TrainingLog(choice.LogFile, TimeProvider.System);
        using var run = start(new RunSettings
        {
            CheckpointFolder = choice.CheckpointFolder,
            CheckpointEvery = choice.CheckpointEvery,
            Progress = [new ConsoleProgress(Console.Error, Screen.RewritesLines, TimeProvider.System), log],
        });
        if (choice.Fresh)
        {
            removeCheckpoints(run);
        }

        using var stop = StopRequest.Listen();
        var report = train(run, stop.Token);
        if (outcomeOf(report) == TrainingOutcome.Interrupted)
        {
            stop.ThrowIfRequested();
        }

        finish(run, report);
        removeCheckpoints(run);
    }
}
