using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>Everything that decides the figures of one stream. A folder of results belongs to one plan.</summary>
internal sealed record BenchPlan
{
    /// <summary>The stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Seed of orders, samples and weights.</summary>
    public required ulong Seed { get; init; }

    /// <summary>SHA-256 of the backbone's weights.</summary>
    public required string Backbone { get; init; }

    /// <summary>Size of the stream.</summary>
    public required StreamOptions Options { get; init; }

    /// <summary>Shape of batches and adapters.</summary>
    public required ArmSettings Settings { get; init; }

    /// <summary>What arms may do and are tuned by: 1 as it was until November 2026, <see cref="EqualRules"/> since.</summary>
    public int Rules { get; init; } = 1;

    /// <summary>
    /// Rates are scored on samples that no arm has learnt from or chosen by, no arm trains on a token more than its budget, and the grids of rates have a
    /// lower and a higher end than before.
    /// </summary>
    public const int EqualRules = 2;

    /// <summary>Skills that rates are tuned on; 0 takes the middle rate of each arm untuned.</summary>
    public required int TuningSkills { get; init; }
}
