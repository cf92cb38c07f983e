using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Routing;

/// <summary>How a router turns scores into weights.</summary>
public sealed record RouterOptions
{
    /// <summary>Divides the scores before the softmax: above 1 spreads, below 1 sharpens. The default, 1, is what training fits.</summary>
    [Range(0.01, 100.0)]
    public double Temperature { get; init; } = 1;

    /// <summary>How many of the experts and the bare backbone share a prompt once all are mature. The default is 1: one expert's cost.</summary>
    [Range(1, 64)]
    public int TopK { get; init; } = 1;
}
