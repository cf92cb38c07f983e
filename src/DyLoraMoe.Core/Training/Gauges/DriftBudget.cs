using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// How far an adapter or a model may move from what it was before: the mean KL(before || now) over the answers of samples, in nats
/// per token. What it was is the start of the run, or for <see cref="TrainingOptions.TaskDrift"/> of an adapter the bare backbone. Forgetting follows this divergence rather than the distance of weights
/// (<see href="https://arxiv.org/abs/2509.04259">RL's Razor</see>). A measurement is two forward passes over the samples; the start
/// is kept on the device, which takes as much memory as the weights that train.
/// </summary>
public sealed record DriftBudget
{
    /// <summary>The most nats per token. The default lets a distribution change by about a tenth of its sureness.</summary>
    [Range(1e-9, 1000.0)]
    public double MaxNats { get; init; } = 0.1;

    /// <summary>Steps between measurements; every evaluation has one too, so that the best weights are never over budget.</summary>
    [Range(1, int.MaxValue)]
    public int CheckEvery { get; init; } = 25;
}
