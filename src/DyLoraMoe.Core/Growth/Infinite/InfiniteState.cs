using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>All of a run's state but its tensors: plain data, written into checkpoints as JSON.</summary>
/// <param name="Run">What every training has.</param>
/// <param name="Rows">The axes.</param>
/// <param name="Trace">Boundaries, masses and losses so far.</param>
/// <param name="RateSincePull">Rates of the steps since weights were pulled.</param>
/// <param name="WeightSteps">Weights that trained, summed over steps.</param>
/// <param name="Windows">Which layers have a sliding window; null for an expert.</param>
internal sealed record InfiniteState(
    RunState Run, IReadOnlyList<RowState> Rows, IReadOnlyList<TracePoint> Trace, double RateSincePull, double WeightSteps, LayerWindows? Windows = null);

/// <summary>Which layers of a model have a sliding window. After layers have come and gone it cannot be told from how many there are.</summary>
/// <param name="First"><see cref="Models.ModelConfig.FirstSlidingLayer"/>.</param>
/// <param name="Listed"><see cref="Models.ModelConfig.SlidingLayers"/>.</param>
internal sealed record LayerWindows(int First, IReadOnlyList<bool>? Listed);

/// <summary>One axis in a checkpoint.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Present">Units that exist.</param>
/// <param name="Boundary">Where its boundary is.</param>
/// <param name="Force">The force on it.</param>
internal sealed record RowState(UnitAxis Axis, int Present, SoftBoundary Boundary, BoundaryForce Force);
