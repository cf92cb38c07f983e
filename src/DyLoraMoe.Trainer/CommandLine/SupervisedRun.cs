using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Runs a training run as a process should: progress on standard error, and a signal ends it with a checkpoint.</summary>
internal static class SupervisedRun
{
    /// <summary>Trains to the end.</summary>
    /// <param name="choice">How the run is watched and saved.</param>
    /// <param name="start">Makes the run with the settings that follow from <paramref name="choice"/>.</param>
    /// <param name="finish">Saves the result; checkpoints are removed only after it.</param>
    /// <exception cref="StoppedException">A signal came; the run goes on from its checkpoint.</exception>
    public static void Execute(RunChoice choice, Func<RunSettings, TrainingRun> start, Action<TrainingReport> finish)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(choice.LogFile))!);
        using var log = new TrainingLog(choice.LogFile, TimeProvider.System);
        using var run = start(new RunSettings
        {
            CheckpointFolder = choice.CheckpointFolder,
            CheckpointEvery = choice.CheckpointEvery,
            Progress = [new ConsoleProgress(Console.Error, !Console.IsErrorRedirected, TimeProvider.System), log],
        });
        if (choice.Fresh)
        {
            run.RemoveCheckpoints();
        }

        using var stop = StopRequest.Listen();
        var report = run.Run(stop.Token);
        if (report.Outcome == TrainingOutcome.Interrupted)
        {
            stop.ThrowIfRequested();
        }

        finish(report);
        run.RemoveCheckpoints();
        if (Directory.Exists(choice.CheckpointFolder) && !Directory.EnumerateFileSystemEntries(choice.CheckpointFolder).Any())
        {
            Directory.Delete(choice.CheckpointFolder);
        }
    }
}
