using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// Key/value heads that several query heads share become several copies, each for some of them. Different queries read the copies, so
/// their gradients differ from the first step on. The extreme is one for every query head.
/// </summary>
/// <param name="Times">Copies of each; divides the query heads per key/value head.</param>
public sealed record UnshareKeyValues(int Times) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var share = config.QueriesPerKeyValueHead;
        if (Times < 2 || share % Times != 0)
        {
            throw new GrowthRefusedException(share == 1
                ? "every query head has a key/value head of its own already, so there is nothing to unshare"
                : $"found {Times} copies of each key/value head, expected a divisor of the {share} query heads that share one, and at least 2");
        }

        var after = config with { KeyValueHeads = config.KeyValueHeads * Times };
        return GrowthStep.Along(
            $"key/value heads {config.KeyValueHeads} -> {after.KeyValueHeads}, copied",
            config,
            after,
            new Dictionary<WeightAxis, AxisMap> { [WeightAxis.KeyValues] = AxisMap.Repeat(config.KeyValueHeads, config.HeadSize, Times) },
            (_, growth) => growth with { Fill = GrowthFill.Copy, Arrival = GradientArrival.AtOnce }) with
        { SplitsKeys = true };
    }
}
