using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// A wider residual stream. Embeddings and writers leave the new channels at zero; readers look at them with random weights, so that
/// embeddings and writers get a gradient at once. What the width shows up in is made up for:
/// a norm <c>x / √(S/D + ε)</c> by gains times <c>√(D/D')</c> and <c>ε' = ε D/D'</c>; norms on queries and keys, which have the same ε,
/// by projections times <c>√(D/D')</c>; Gemma's factor √D on embeddings by embeddings times <c>√(D/D')</c>, and where they are the head
/// too, by the last norm.
/// </summary>
/// <param name="To">Width afterwards. Four times the width, or sixteen, makes every factor exact in binary.</param>
/// <param name="Variant">How new channels start. The third seed's appends to every vector, so that feed-forward layers become wider by as much.</param>
public sealed record WidenHidden(int To, GrowthVariant Variant = GrowthVariant.RandomReaders) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        GrowthStep.RequireLarger("the hidden width", config.HiddenSize, To);
        var count = To - config.HiddenSize;
        var isPadded = Variant == GrowthVariant.ZeroPadded;
        var root = Math.Sqrt((double)config.HiddenSize / To);
        var axes = new Dictionary<WeightAxis, AxisMap> { [WeightAxis.Hidden] = AxisMap.Append(config.HiddenSize, count) };
        var after = config with { HiddenSize = To, NormEpsilon = config.NormEpsilon * config.HiddenSize / To };
        if (isPadded)
        {
            axes[WeightAxis.FeedForward] = AxisMap.Append(config.IntermediateSize, count);
            after = after with { IntermediateSize = config.IntermediateSize + count };
        }

        return GrowthStep.Along(
            $"hidden width {config.HiddenSize} -> {To}{(isPadded ? $", feed-forward {config.IntermediateSize} -> {after.IntermediateSize}" : "")}",
            config,
            after,
            axes,
            (weight, growth) =>
            {
                var grown = growth with { Factor = FactorOf(weight, config, root), Arrival = ArrivalOf(weight, config, growth.Arrival) };
                return isPadded ? grown.Dead(weight.Role is WeightRole.Reader or WeightRole.Writer ? GrowthFill.Identity : null) : grown;
            }) with
        { AddsChannels = true };
    }

    // After the last layer only the head reads; a tied one has no weight on new channels before embeddings do.
    private static GradientArrival ArrivalOf(WeightLayout weight, ModelConfig config, GradientArrival usual) =>
        config.TieWordEmbeddings && weight.Name == LayerNames.Prefix(config.Layers - 1) + "mlp.down_proj.weight" ? GradientArrival.AfterOneStep : usual;

    /// <summary>What old entries of a weight are multiplied by when the width changes by a factor.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="config">The shape before.</param>
    /// <param name="root">The root of the width before over that after.</param>
    internal static double FactorOf(WeightLayout weight, ModelConfig config, double root)
    {
        var isScaled = config.EmbeddingScale != 1;
        if (weight.Role == WeightRole.Gain)
        {
            if (weight.Rows == WeightAxis.Head)
            {
                return 1;
            }

            // A tied head is smaller by the root as well, which undoes the last norm's.
            return weight.Name == WeightLayout.LastNorm && isScaled && config.TieWordEmbeddings ? 1 : root;
        }

        var isNormalised = config.QkNorm && (weight.Rows == WeightAxis.Queries || IsKey(weight.Name));
        return isNormalised || (weight.Role == WeightRole.Embedding && isScaled) ? root : 1;
    }

    private static bool IsKey(string name) => name.Contains(".k_proj.", StringComparison.Ordinal);
}
