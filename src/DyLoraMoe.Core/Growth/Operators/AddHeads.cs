using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// More query heads, whatever the attention: with keys and values of their own where every head has its own, and with those that are
/// there where they are shared, since that costs no more to cache.
/// </summary>
/// <param name="Count">How many heads.</param>
/// <param name="Variant">How new heads start.</param>
public sealed record AddHeads(int Count, GrowthVariant Variant = GrowthVariant.RandomReaders) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var share = config.QueriesPerKeyValueHead;
        if (Count < 1)
        {
            throw new GrowthRefusedException($"found {Count} heads to add, expected at least one");
        }

        if (share == 1)
        {
            return new AddKeyValueGroups(Count, Variant).Plan(config);
        }

        return Count % config.KeyValueHeads == 0
            ? new RaiseQueriesPerGroup(share + (Count / config.KeyValueHeads), Variant).Plan(config)
            : throw new GrowthRefusedException(
                $"{Count} heads do not spread evenly over {config.KeyValueHeads} key/value heads; add a multiple of {config.KeyValueHeads}, or whole groups of {share} heads with a key/value head each");
    }
}
