using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// More key/value heads, each with as many query heads as the others have, at the end: query head h uses key/value head h div (H / K), so
/// only there does every old one keep its partner. New queries, keys and values are random, new columns of attention's output zero.
/// </summary>
/// <param name="Count">How many key/value heads.</param>
/// <param name="Variant">How new heads start.</param>
public sealed record AddKeyValueGroups(int Count, GrowthVariant Variant = GrowthVariant.RandomReaders) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (Count < 1)
        {
            throw new GrowthRefusedException($"found {Count} key/value heads to add, expected at least one");
        }

        var (share, size) = (config.QueriesPerKeyValueHead, config.HeadSize);
        var after = config with { KeyValueHeads = config.KeyValueHeads + Count, Heads = config.Heads + (Count * share) };
        return GrowthStep.Along(
            $"heads {config.Heads} -> {after.Heads}, key/value heads {config.KeyValueHeads} -> {after.KeyValueHeads}",
            config,
            after,
            new Dictionary<WeightAxis, AxisMap>
            {
                [WeightAxis.Queries] = AxisMap.Append(config.Heads * size, Count * share * size),
                [WeightAxis.KeyValues] = AxisMap.Append(config.KeyValueHeads * size, Count * size),
            },

            // Values, output and their product are all zero: nothing tells a new head where to go.
            (_, growth) => Variant == GrowthVariant.ZeroPadded ? growth.Dead() : growth) with
        { AddsSilentHeads = true };
    }
}
