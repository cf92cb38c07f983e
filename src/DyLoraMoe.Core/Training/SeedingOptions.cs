using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Training;

/// <summary>The first phase: a high rate for as long as held-out data gain from it.</summary>
public sealed record SeedingOptions
{
    /// <summary>The rate, absolute. The default suits a new low-rank adapter, which takes about ten times the rate of full fine-tuning.</summary>
    [Range(0.0, 1.0)]
    public double Rate { get; init; } = 2e-3;

    /// <summary>Steps in which the rate rises from zero in equal parts. Ten are enough for a fresh adapter; AdamW's moments need them.</summary>
    [Range(0, int.MaxValue)]
    public int WarmUpSteps { get; init; } = 10;

    /// <summary>Longest the phase lasts, in steps; null leaves the switch to the other limits.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxSteps { get; init; }

    /// <summary>Longest the phase lasts, in tokens; null leaves the switch to the other limits.</summary>
    [Range(1L, long.MaxValue)]
    public long? MaxTokens { get; init; }

    /// <summary>
    /// Evaluations in a row without a gain of <see cref="PlateauGain"/> after which the phase ends; null never ends it so.
    /// Two, because one bad evaluation is often noise.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? PlateauPatience { get; init; } = 2;

    /// <summary>The least fall of the held-out loss, in nats per token, that counts as a gain. Smaller changes are within an evaluation's noise.</summary>
    [Range(0.0, 100.0)]
    public double PlateauGain { get; init; } = 0.005;
}
