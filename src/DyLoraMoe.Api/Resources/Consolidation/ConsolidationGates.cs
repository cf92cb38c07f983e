using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What must have become better for an expert's new version to be offered. The set with it is compared with the active one besides, as every set is.</summary>
public sealed record ConsolidationGates
{
    /// <summary>How much less an expert must lose on its own held-out data than before, in nats per token: a number as text.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [DefaultValue("0.001")]
    public string LeastImprovement { get; set; } = "0.001";
}
