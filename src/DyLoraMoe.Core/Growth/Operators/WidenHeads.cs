using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// Larger heads. Rotary positions turn pair i of a head by <c>θ^(-2i/E)</c>, so another size means other frequencies, and no
/// configuration file can name them one by one. But a multiple m of the size has every old frequency among its own: pair i continues
/// as pair m·i. Queries times <c>√m</c> make up for attention's <c>1/√E'</c>. New keys are zero, new queries and values random, new
/// columns of attention's output zero.
/// </summary>
/// <param name="To">Head size afterwards; a multiple of the present one.</param>
public sealed record WidenHeads(int To) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        GrowthStep.RequireLarger("the head size", config.HeadSize, To);
        if (config.QkNorm)
        {
            throw new GrowthRefusedException(
                $"head size {config.HeadSize} -> {To} is refused: this family normalises every query and key over the whole head, so new entries would have to be zero on both sides to leave it alone, and then neither side ever gets a gradient; add heads instead");
        }

        if (To % config.HeadSize != 0)
        {
            throw new GrowthRefusedException(
                $"head size {config.HeadSize} -> {To} is refused: rotary positions of another size turn by other frequencies, and only a multiple of {config.HeadSize} has the old ones among its own; take {To / config.HeadSize * config.HeadSize + config.HeadSize}, or add heads instead");
        }

        var times = To / config.HeadSize;
        var pattern = Pattern(config.HeadSize, times);
        var step = GrowthStep.Along(
            $"head size {config.HeadSize} -> {To}",
            config,
            config with { HeadSize = To },
            new Dictionary<WeightAxis, AxisMap>
            {
                [WeightAxis.Queries] = AxisMap.Blocks(config.Heads, config.HeadSize, pattern),
                [WeightAxis.KeyValues] = AxisMap.Blocks(config.KeyValueHeads, config.HeadSize, pattern),
            },
            (weight, growth) => Adjusted(weight, growth, Math.Sqrt(times)));
        return step with { LearnsThroughHeads = true };
    }

    private static TensorGrowth Adjusted(WeightLayout weight, TensorGrowth growth, double root)
    {
        if (weight.Rows == WeightAxis.Queries)
        {
            return growth with { Factor = root };
        }

        return weight.Name.Contains(".k_proj.", StringComparison.Ordinal)
            ? growth with { Fill = GrowthFill.Zero, Arrival = GradientArrival.AtOnce }
            : growth;
    }

    // The two halves of a head hold the two ends of every pair.
    private static int[] Pattern(int size, int times)
    {
        var pattern = new int[size * times];
        Array.Fill(pattern, AxisMap.None);
        for (var pair = 0; pair < size / 2; pair++)
        {
            pattern[pair * times] = pair;
            pattern[(size * times / 2) + (pair * times)] = (size / 2) + pair;
        }

        return pattern;
    }
}
