using System.CommandLine;
using DyLoraMoe.CommandLine;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>How a training run is watched, saved and taken up again.</summary>
/// <param name="Folder">Where the run writes; no other run may at the same time.</param>
/// <param name="CheckpointFolder">Where checkpoints go.</param>
/// <param name="CheckpointEvery">Time between checkpoints.</param>
/// <param name="LogFile">The JSON log.</param>
/// <param name="Fresh">Start over instead of going on from a checkpoint.</param>
internal sealed record RunChoice(string Folder, string CheckpointFolder, TimeSpan CheckpointEvery, string LogFile, bool Fresh)
{
    /// <summary>Keeps other processes from the run's folders until it is disposed of. To be taken before anything is written.</summary>
    /// <exception cref="InvalidDataException">Another process is at work there.</exception>
    public FolderLock Hold() => FolderLock.Take(Folder, CheckpointFolder);
}

/// <summary>The options of verbs that train.</summary>
/// <param name="folder">The folder of checkpoints and log, for the help.</param>
internal sealed class RunOptions(string folder = "OUT")
{
    private readonly Option<string?> _checkpoints = OptionOf.Text(
        "--checkpoint-dir", "DIR", $"Where checkpoints go; an interrupted run goes on from the newest. [default: {folder}/checkpoints]");

    private readonly Option<double?> _every = OptionOf.Number("--checkpoint-every", "MINUTES", "Time between checkpoints. [default: 10]", 0.001, 100_000);

    private readonly Option<string?> _log = OptionOf.Text("--log", "FILE", $"Progress as JSON lines. [default: {folder}/log.jsonl]");

    private readonly Option<bool> _fresh = OptionOf.Flag("--fresh", "Remove checkpoints and start over.");

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_checkpoints, _every, _log, _fresh];

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">The folder of checkpoints and log.</param>
    public RunChoice Of(ParseResult parsed, string output) => new(
        output,
        parsed.GetValue(_checkpoints) ?? Path.Combine(output, "checkpoints"),
        TimeSpan.FromMinutes(parsed.GetValue(_every) ?? 10),
        parsed.GetValue(_log) ?? Path.Combine(output, "log.jsonl"),
        parsed.GetValue(_fresh));
}
