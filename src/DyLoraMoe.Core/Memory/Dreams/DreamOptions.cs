using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>How a night is dreamt. Two nights with equal options on equal data and weights are equal.</summary>
public sealed record DreamOptions
{
    /// <summary>Dreams that are tried.</summary>
    [Range(1, 100_000)]
    public int Count { get; init; } = 64;

    /// <summary>Answers that the model gives to each. Fewer than three are for a <see cref="MostAgreement"/> of 1: one agrees with itself, and two agree or are even.</summary>
    [Range(1, 64)]
    public int Candidates { get; init; } = 4;

    /// <summary>Temperature of those answers.</summary>
    [Range(0.01, 10.0)]
    public double Temperature { get; init; } = 0.8;

    /// <summary>Most tokens of an answer.</summary>
    [Range(1, 1 << 16)]
    public int MaxTokens { get; init; } = 64;

    /// <summary>Chance that a walk begins anew at each step.</summary>
    [Range(0.0, 1.0)]
    public double Restart { get; init; } = 0.15;

    /// <summary>Steps of a walk.</summary>
    [Range(1, 1000)]
    public int Steps { get; init; } = 6;

    /// <summary>Share of the collisions that are of three memories, where the walk met as many; the others are of two.</summary>
    [Range(0.0, 1.0)]
    public double Triples { get; init; } = 0.25;

    /// <summary>Sharpness of where walks begin: below 1 prefers what is most uncertain still more, above 1 evens out.</summary>
    [Range(0.01, 100.0)]
    public double StartTemperature { get; init; } = 1;

    /// <summary>Least share of the candidates that must agree: the answer that is learnt is theirs.</summary>
    [Range(0.0, 1.0)]
    public double LeastAgreement { get; init; } = 0.5;

    /// <summary>Most that may agree: from what the model always answers alike it has nothing to learn.</summary>
    [Range(0.0, 1.0)]
    public double MostAgreement { get; init; } = 0.99;

    /// <summary>Least share of real answers that are less likely gains than the dream's, by the critic of likelihood.</summary>
    [Range(0.0, 1.0)]
    public double LeastLikelihood { get; init; } = 0.05;

    /// <summary>Jaccard similarity of character trigrams from which what two prompts of one wording are about is the same.</summary>
    [Range(0.01, 1.0)]
    public double NearDuplicate { get; init; } = 0.95;

    /// <summary>Most memories that walks go over, drawn evenly from the skills.</summary>
    [Range(2, 1 << 16)]
    public int MostMemories { get; init; } = 256;

    /// <summary>Seed of all of it.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Checks every bound.</summary>
    /// <exception cref="ValidationException">A value is out of range; the message names it.</exception>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
