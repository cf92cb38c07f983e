using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>How mature one expert is. Immutable and plain, stored as JSON with the expert; every expert has its own.</summary>
public sealed record MaturityState
{
    /// <summary>Smoothed maturity, 0 to 1.</summary>
    public required double Value { get; init; }

    /// <summary>Whether the expert counts as mature: it becomes so at one value and stays so until it falls below a lower one.</summary>
    public required bool IsMature { get; init; }

    /// <summary>What a router blends by: 1 when mature, else the share of the way there, below 1.</summary>
    public required double Degree { get; init; }

    /// <summary>The latest components, before smoothing.</summary>
    public required MaturityComponents Components { get; init; }

    /// <summary>The latest evidence, its curve cut to the evaluations that were looked at.</summary>
    public required MaturityEvidence Evidence { get; init; }

    /// <summary>How often new evidence came in; a share of routing alone is none.</summary>
    public required int Updates { get; init; }

    /// <summary>Whether the evidence before the latest was below <see cref="MaturityPolicy.ImmatureBelow"/>: alone it was odd, twice in a row it unmakes an expert.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WasLow { get; init; }
}
