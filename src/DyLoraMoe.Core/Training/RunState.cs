using System.Text.Json.Nodes;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Training;

/// <summary>All of a run's state but its tensors: plain data, written into checkpoints as JSON.</summary>
internal sealed record RunState
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>What the run is; a run of another identity refuses the checkpoint.</summary>
    public required JsonObject Identity { get; init; }

    public required BatchSourceState Source { get; init; }

    public RateScheduleState Schedule { get; init; } = new();

    /// <summary>The optimizer's step counter of every parameter.</summary>
    public IReadOnlyList<long> OptimizerSteps { get; init; } = [];

    public byte[] Random { get; init; } = [];

    public int Step { get; init; }

    public int? EvaluatedAt { get; init; }

    public double? BaselineLoss { get; init; }

    public double? BestLoss { get; init; }

    public int? BestStep { get; init; }

    /// <summary>Step of the last measurement of the gauges.</summary>
    public int? GaugedAt { get; init; }

    /// <summary>What the gauges showed of the good weights, which are kept.</summary>
    public IReadOnlyList<GaugeReading> Readings { get; init; } = [];

    /// <summary>What they showed of the best weights.</summary>
    public IReadOnlyList<GaugeReading> BestReadings { get; init; } = [];

    /// <summary>The canaries' losses at the start.</summary>
    public IReadOnlyList<double> CanaryLosses { get; init; } = [];

    /// <summary>The last good state; null where none was kept or nothing can go back to it.</summary>
    public GoodState? Good { get; init; }

    /// <summary>Whether the next sound loss tells that the present weights are good.</summary>
    public bool IsKeepDue { get; init; }

    public int Rollbacks { get; init; }

    /// <summary>Factor on the schedule's rate.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>The smoothed loss of steps, against which a jump shows.</summary>
    public LossWatch Watch { get; init; } = new();

    /// <summary>Nats of KL(before || after) per squared rate of a step.</summary>
    public double? StepSensitivity { get; init; }

    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    public double? SmoothedLoss { get; init; }

    public double TrainingSeconds { get; init; }

    /// <summary>Refuses a checkpoint of another run, of which this is the state.</summary>
    /// <param name="checkpoint">Its path, for the message.</param>
    /// <param name="own">The state of the run that wants to go on from it.</param>
    /// <exception cref="CheckpointMismatchException">It is of another run or format; the message says what differs.</exception>
    public void RequireSameRun(string checkpoint, RunState own)
    {
        var differences = RunIdentity.Differences(Identity, own.Identity).ToList();
        if (Format != CurrentFormat)
        {
            differences.Insert(0, $"its format is {Format}, expected {CurrentFormat}");
        }

        if (differences.Count > 0)
        {
            throw new CheckpointMismatchException(checkpoint, differences);
        }
    }
}
