using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>Where one axis stood.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Boundary">Where its boundary was, in units.</param>
/// <param name="Present">Units that existed.</param>
/// <param name="Massive">Units that did something: the most of any strand, or layers in all.</param>
/// <param name="Mass">The mass of all units, as gated.</param>
/// <param name="Pressure">Training pressure on the boundary, −1 to 1.</param>
public sealed record AxisPoint(UnitAxis Axis, double Boundary, int Present, int Massive, double Mass, double Pressure);

/// <summary>Where a formally infinite network stood at one of its reviews.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Tokens">Tokens read.</param>
/// <param name="Loss">Training loss in nats per target token, smoothed; null before the first step.</param>
/// <param name="Axes">Its axes.</param>
public sealed record TracePoint(int Step, long Tokens, double? Loss, IReadOnlyList<AxisPoint> Axes);

/// <summary>What a run of a formally infinite network came to.</summary>
public sealed record InfiniteReport
{
    /// <summary>How it ended: completed or interrupted.</summary>
    public required TrainingOutcome Outcome { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens read.</summary>
    public required long Tokens { get; init; }

    /// <summary>The sizes found, or reached when it was interrupted.</summary>
    public required IReadOnlyDictionary<UnitAxis, int> Sizes { get; init; }

    /// <summary>Held-out loss before the first step, in nats per token; null without held-out data.</summary>
    public double? BaselineLoss { get; init; }

    /// <summary>Held-out loss of the bounded network at the end.</summary>
    public double? BoundedLoss { get; init; }

    /// <summary>Held-out loss of what was left when negligible units were left out.</summary>
    public double? FinalLoss { get; init; }

    /// <summary>Training loss at the end, smoothed.</summary>
    public double? TrainingLoss { get; init; }

    /// <summary>Sums over all steps of the weights that trained: what the run cost, next to a fixed size's steps times its weights.</summary>
    public required double WeightSteps { get; init; }

    /// <summary>Step of the checkpoint it went on from; null for none.</summary>
    public int? ResumedFrom { get; init; }

    /// <summary>Seconds of training, evaluation and checkpoints left out.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Held-out losses over time.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>Boundaries, masses and losses over time.</summary>
    public required IReadOnlyList<TracePoint> Trace { get; init; }
}
