using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What must hold for a larger backbone to be offered.</summary>
public sealed record GrowthGates
{
    /// <summary>Largest difference of logits at the moment of growth, as a share of the largest logit, or of one where that is larger: a number as text.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [DefaultValue("1e-5")]
    public string FunctionError { get; set; } = "1e-5";

    /// <summary>Most by which the larger backbone may differ from the smaller one on held-out text, in nats per token: a number as text.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [DefaultValue("0.01")]
    public string Divergence { get; set; } = "0.01";
}
