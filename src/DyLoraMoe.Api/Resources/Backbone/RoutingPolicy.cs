using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How prompts reach experts.</summary>
public sealed record RoutingPolicy
{
    /// <summary>Divides the router's scores before they become weights: a number as text, from 0.01 to 100.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) >= 0.01 && double(self) <= 100.0", message: "must be from 0.01 to 100")]
    [DefaultValue("1")]
    public string Temperature { get; set; } = "1";

    /// <summary>Experts per prompt once all are mature.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(8)]
    [DefaultValue(1)]
    public int TopK { get; set; } = 1;
}
