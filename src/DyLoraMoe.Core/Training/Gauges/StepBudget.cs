using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// How much one step may change what is predicted: the mean KL(before || after) over the answers of some anchors, in nats per token.
/// Since KL grows with the square of a small step, one measurement at a known rate tells which rate would use the budget; the rate of
/// the following steps stays below that. Between measurements nothing is measured, so a single step may still be over. A measured
/// step costs two forward passes over <see cref="Anchors"/> samples, and memory for the log-probabilities of their targets.
/// </summary>
public sealed record StepBudget
{
    /// <summary>The most nats per token and step.</summary>
    [Range(1e-9, 1000.0)]
    public double MaxNats { get; init; } = 1e-3;

    /// <summary>Steps between measurements.</summary>
    [Range(1, int.MaxValue)]
    public int CheckEvery { get; init; } = 10;

    /// <summary>The first anchors of the data, as many as this, are measured; where there are none, its prompts of the new task.</summary>
    [Range(1, 1 << 20)]
    public int Anchors { get; init; } = 8;
}
