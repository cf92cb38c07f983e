using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// More query heads for every key/value head, with no more to cache: a new one at the end of each group, and zero columns of attention's
/// output at the same places.
/// </summary>
/// <param name="To">Query heads per key/value head afterwards.</param>
/// <param name="Variant">How new heads start.</param>
public sealed record RaiseQueriesPerGroup(int To, GrowthVariant Variant = GrowthVariant.RandomReaders) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var share = config.QueriesPerKeyValueHead;
        GrowthStep.RequireLarger("the number of query heads per key/value head", share, To);
        var after = config with { Heads = config.KeyValueHeads * To };
        return GrowthStep.Along(
            $"query heads per key/value head {share} -> {To}, heads {config.Heads} -> {after.Heads}",
            config,
            after,
            new Dictionary<WeightAxis, AxisMap>
            {
                [WeightAxis.Queries] = AxisMap.AppendToEach(config.KeyValueHeads, share * config.HeadSize, (To - share) * config.HeadSize),
            },

            // A query of zeros looks at everything alike; what it sees is not zero, so it can learn to write, and then to look.
            (_, growth) => Variant == GrowthVariant.ZeroPadded && growth.Fill == GrowthFill.Random ? growth with { Fill = GrowthFill.Zero } : growth) with
        { AddsSilentHeads = true };
    }
}
