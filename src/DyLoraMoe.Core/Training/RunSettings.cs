namespace DyLoraMoe.Core.Training;

/// <summary>How a run is watched and saved. Nothing here changes what it learns, unless it is <see cref="Enough"/>.</summary>
public sealed record RunSettings
{
    /// <summary>Folder for checkpoints, from which an interrupted run goes on; null for none. Belongs to this run alone.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Time between checkpoints. Ten minutes is what a killed run loses at most.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Steps between checkpoints, in addition to the time; null for none.</summary>
    public int? CheckpointEverySteps { get; init; }

    /// <summary>Checkpoints to keep. Two, so that a damaged one leaves another.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between progress reports. Each makes the host wait for the device once.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>
    /// Contexts that experts of mode <c>Activated</c> share when they train with a detached context; null for a store of the run's own. Stays the caller's.
    /// </summary>
    public ContextStore? Contexts { get; init; }

    /// <summary>Who is told about progress, in this order, on the run's own thread.</summary>
    public IReadOnlyList<IProgress<TrainingProgress>> Progress { get; init; } = [];

    /// <summary>Ends the run as the end of its budget would, with the weights that it keeps then. For bounds that are not known beforehand, such as a time.</summary>
    public CancellationToken Enough { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
