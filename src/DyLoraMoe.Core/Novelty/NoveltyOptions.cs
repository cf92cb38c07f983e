using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Novelty;

/// <summary>How novelty is decided.</summary>
public sealed record NoveltyOptions
{
    // Combined p-values come in steps of at most this part of the rate.
    private const double StepsPerRate = 5;

    /// <summary>Share of batches of a known skill that may be taken for something else. One percent, as stated in reports.</summary>
    [Range(1e-4, 0.5)]
    public double FalseAlarmRate { get; init; } = 0.01;

    /// <summary>Fewest samples to decide on. A handful of prompts says little; 32 is where means settle.</summary>
    [Range(1, int.MaxValue)]
    public int LeastSamples { get; init; } = 32;

    /// <summary>Fewest random means per signal and skill; more are drawn where the false-alarm rate asks for it.</summary>
    [Range(100, 1_000_000)]
    public int Draws { get; init; } = 2000;

    /// <summary>How many of the nearest skills are looked at closely, and how many of their experts are asked.</summary>
    [Range(1, 10_000)]
    public int Candidates { get; init; } = 8;

    /// <summary>Share of the gain that an expert would have on data of its own from which on unknown data are taken for its skill in other words.</summary>
    [Range(0.0, 1.0)]
    public double RecoveredShare { get; init; } = 0.5;

    /// <summary>Least gain of an expert over the backbone on its own held-out data, in nats per token, for its opinion to count.</summary>
    [Range(0.0, 100.0)]
    public double LeastGain { get; init; } = 0.1;

    /// <summary>
    /// Least gain as a share of the backbone's loss, too. An expert that has learnt little but the form of its answers helps with everything of that
    /// form, and what it recovers says nothing.
    /// </summary>
    [Range(0.0, 1.0)]
    public double LeastGainShare { get; init; } = 0.5;

    /// <summary>Seed of the random means.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Random means per signal and skill. The smallest p-value is one over this, and that of all signals together as many times more: it must lie well
    /// below the false-alarm rate, or nothing could ever be novel.
    /// </summary>
    /// <param name="signals">How many signals there are.</param>
    public int DrawsFor(int signals) => Math.Max(Draws, (int)Math.Ceiling(StepsPerRate * signals / FalseAlarmRate));

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
