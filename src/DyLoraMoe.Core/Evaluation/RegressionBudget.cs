using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>How much worse a skill may get when the active configuration is replaced.</summary>
public sealed record RegressionBudget
{
    /// <summary>Rise of the held-out loss in nats per token that is always allowed. A hundredth changes no answer that was sure.</summary>
    [Range(0.0, 100.0)]
    public double Nats { get; init; } = 0.01;

    /// <summary>Rise allowed as a share of the active loss, where that is more: a loss of 3 nats is not known to a hundredth of a nat.</summary>
    [Range(0.0, 1.0)]
    public double Share { get; init; } = 0.01;

    /// <summary>Fall of exact match in points that is allowed; where one sample is more than that, one sample.</summary>
    [Range(0.0, 100.0)]
    public double Points { get; init; } = 1;

    /// <summary>How many times the rise that is allowed a skill may lose in all against its best, however many configurations follow each other.</summary>
    [Range(1.0, 1000.0)]
    public double Lasting { get; init; } = 5;

    /// <summary>How sure it must be that a loss did not rise beyond the budget; one-sided.</summary>
    [Range(0.5, 0.9999)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>Bootstrap resamples.</summary>
    [Range(100, 1_000_000)]
    public int Resamples { get; init; } = 2000;

    /// <summary>Seed of the resampling.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// What is allowed for a skill that the candidate has just learnt: ten times as much, since nobody has been promised anything of it. What answered
    /// before may do nearly as well where skills are alike, and an expert of its own is worth having all the same.
    /// </summary>
    internal RegressionBudget ForLearnt => this with { Nats = 10 * Nats, Share = 10 * Share, Points = 10 * Points };

    /// <summary>
    /// What a skill is held to: its best, unless it is served worse already than it may lose in all. Then whoever allowed that has given the best up, and what serves counts.
    /// </summary>
    /// <param name="best">The least loss with which it was served, in nats per token; null where that is not known.</param>
    /// <param name="active">The loss with which it is served.</param>
    public double? Binding(double? best, double active) => best is { } least && !(active - least <= Lasting * Rise(least)) ? active : best;

    /// <summary>The rise that is allowed, in nats per token.</summary>
    internal double Rise(double loss) => Math.Max(Nats, Share * loss);
}
