using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>How many units a model has.</summary>
public static class UnitAxes
{
    /// <summary>Units of a model on an axis.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ArgumentException">Models have no such units.</exception>
    public static int UnitsOf(this ModelConfig config, UnitAxis axis)
    {
        ArgumentNullException.ThrowIfNull(config);
        return axis switch
        {
            UnitAxis.FeedForward => config.IntermediateSize,
            UnitAxis.Depth => config.Layers,
            UnitAxis.Heads => config.KeyValueHeads,
            _ => throw new ArgumentException($"A model has no units of {axis}; they are an expert's.", nameof(axis)),
        };
    }
}
