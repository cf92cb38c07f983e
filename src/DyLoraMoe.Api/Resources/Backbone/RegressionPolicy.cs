using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What a new set may cost older skills.</summary>
public sealed record RegressionPolicy
{
    /// <summary>How much an older skill may lose on its held-out data, in nats per token: a number as text.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) <= 10.0", message: "must be at most 10")]
    [DefaultValue("0.01")]
    public string Budget { get; set; } = "0.01";
}
