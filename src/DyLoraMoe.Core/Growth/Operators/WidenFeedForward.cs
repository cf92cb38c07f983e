using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>More neurons in every feed-forward layer: new rows of <c>gate</c> and <c>up</c> are random, new columns of <c>down</c> zero.</summary>
/// <param name="To">Neurons afterwards.</param>
/// <param name="Variant">How new neurons start.</param>
public sealed record WidenFeedForward(int To, GrowthVariant Variant = GrowthVariant.RandomReaders) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        GrowthStep.RequireLarger("the feed-forward width", config.IntermediateSize, To);
        return GrowthStep.Along(
            $"feed-forward {config.IntermediateSize} -> {To}",
            config,
            config with { IntermediateSize = To },
            new Dictionary<WeightAxis, AxisMap> { [WeightAxis.FeedForward] = AxisMap.Append(config.IntermediateSize, To - config.IntermediateSize) },
            (_, growth) => Variant == GrowthVariant.ZeroPadded ? growth.Dead() : growth);
    }
}
