using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// What a run does when a gauge is over its budget, when loss, gradient or weights are no longer finite, or when the loss jumps:
/// it goes back to the last state that all gauges found good, leaves out the batches since, and goes on at a lower rate. The budget
/// of steps goes on too. The state is kept on the host: the weights and what the optimizer remembers of them, for AdamW 12 bytes a
/// trained weight. The loss of each batch is
/// judged before it moves the weights, so that the host waits for the device in each step.
/// </summary>
public sealed record RollbackOptions
{
    /// <summary>Roll backs after which the next trouble ends the run, with the last good weights.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRollbacks { get; init; } = 3;

    /// <summary>Factor on the rate with each roll back.</summary>
    [Range(1e-3, 1.0)]
    public double RateFactor { get; init; } = 0.5;

    /// <summary>Steps in which the rate doubles again, until it is the schedule's.</summary>
    [Range(1, int.MaxValue)]
    public int RecoverySteps { get; init; } = 100;

    /// <summary>A step's loss is a jump when it is more than this many times the smoothed loss.</summary>
    [Range(1.01, 1e6)]
    public double MaxLossRatio { get; init; } = 2;

    /// <summary>The least rise over the smoothed loss, in nats per token, that is a jump: a small loss doubles by chance.</summary>
    [Range(0.0, 1000.0)]
    public double LeastLossRise { get; init; } = 0.5;

    /// <summary>Most steps between good states, and so between measurements of the gauges.</summary>
    [Range(1, int.MaxValue)]
    public int KeepEvery { get; init; } = 25;
}
