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

    /// <summary>Step of the last measurement of drift.</summary>
    public int? DriftAt { get; init; }

    /// <summary>The last drift within the budget, whose weights are kept.</summary>
    public double? Drift { get; init; }

    /// <summary>Drift of the best weights.</summary>
    public double? BestDrift { get; init; }

    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    public double? SmoothedLoss { get; init; }

    public double TrainingSeconds { get; init; }
}
