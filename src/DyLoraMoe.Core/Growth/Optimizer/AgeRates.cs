using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Growth.Optimizer;

/// <summary>
/// How fast weights learn by their age. What is new often wants a higher rate than what has converged
/// (<see href="https://arxiv.org/abs/2306.12700">Yuan and others</see> balance the parts of a grown network by their gradients); the difference
/// fades out over some steps.
/// </summary>
public sealed record AgeRates
{
    /// <summary>Factor on the rate of new weights at the moment of growth. The default is 1.</summary>
    [Range(0.0, 100.0)]
    public double New { get; init; } = 1;

    /// <summary>Factor on the rate of old weights at the moment of growth. The default is 1.</summary>
    [Range(0.0, 100.0)]
    public double Old { get; init; } = 1;

    /// <summary>Steps until both are 1. The default is 100.</summary>
    [Range(1, int.MaxValue)]
    public int Steps { get; init; } = 100;

    /// <summary>The factor in a step after growth, counted from 1.</summary>
    internal double NewIn(long step) => Faded(New, step);

    /// <summary>The factor in a step after growth, counted from 1.</summary>
    internal double OldIn(long step) => Faded(Old, step);

    private double Faded(double start, long step) => step > Steps ? 1 : start + ((1 - start) * (step - 1) / Steps);
}
