using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Novelty;

/// <summary>When a stream of requests counts as drifting.</summary>
public sealed record DriftOptions
{
    /// <summary>Mean number of known requests between two false alarms. Ten thousand is one a day at seven requests a minute.</summary>
    [Range(10, 10_000_000)]
    public double RequestsBetweenFalseAlarms { get; init; } = 10_000;

    /// <summary>What is taken from every request's score before it adds up; half the shift, in standard deviations, that should be found fastest.</summary>
    [Range(0.01, 10.0)]
    public double Reference { get; init; } = 0.5;

    /// <summary>
    /// Requests with a p-value below this are remembered as possibly new, and near a skill whose few held-out prompts give none that small, those that
    /// lie beyond all of them.
    /// </summary>
    [Range(1e-4, 0.5)]
    public double NovelBelow { get; init; } = 0.05;

    /// <summary>How many of them are remembered, the newest.</summary>
    [Range(1, 1 << 20)]
    public int Remembered { get; init; } = 256;

    /// <summary>Fewest of them that make a proposed skill.</summary>
    [Range(2, 1 << 20)]
    public int LeastGroup { get; init; } = 16;

    /// <summary>Seed of the simulation behind the threshold.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
