using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Training;

/// <summary>The second phase: a low rate for the rest of the budget.</summary>
public sealed record ConsolidationOptions
{
    /// <summary>The rate at the start of the phase, absolute. The default is a tenth of seeding's.</summary>
    [Range(0.0, 1.0)]
    public double Rate { get; init; } = 2e-4;

    /// <summary>How the rate goes on from there. Cosine, because ending near zero settles the weights.</summary>
    public RateDecay Decay { get; init; } = RateDecay.Cosine;

    /// <summary>The rate at the end of the budget, absolute, for <see cref="RateDecay.Cosine"/>.</summary>
    [Range(0.0, 1.0)]
    public double FinalRate { get; init; } = 2e-5;

    /// <summary>Evaluations in a row without a new best after which training stops; null runs to the end of the budget.</summary>
    [Range(1, int.MaxValue)]
    public int? StopPatience { get; init; }
}
