using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Shrinking;

/// <summary>
/// A smaller copy of a model, made of its own most important units. It is growth read backwards: what growth added and nothing has used
/// yet is taken away without a trace, and anything else is a start for distillation that is worth more than a random one.
/// </summary>
public static class ShrinkPlan
{
    /// <summary>Refuses sizes that a copy of a model cannot have.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="options">The smaller sizes.</param>
    /// <exception cref="GrowthRefusedException">One is not from 1 to the model's own.</exception>
    public static void Require(ModelConfig config, ShrinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        foreach (var (count, most, what) in new[]
        {
            (options.Layers, config.Layers, "layers"),
            (options.Hidden, config.HiddenSize, "hidden channels"),
            (options.FeedForward, config.IntermediateSize, "feed-forward neurons"),
            (options.KeyValueHeads, config.KeyValueHeads, "key/value heads"),
        })
        {
            if (count < 1 || count > most)
            {
                throw new GrowthRefusedException($"a copy cannot have {count} {what}; the model has {most}");
            }
        }
    }

    /// <summary>Chooses what stays.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="importance">What its units do.</param>
    /// <param name="options">The smaller sizes.</param>
    /// <returns>A plan whose model is smaller; it is not exact.</returns>
    /// <exception cref="GrowthRefusedException">A size is not smaller.</exception>
    public static GrowthPlan Of(ModelConfig config, UnitImportance importance, ShrinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(importance);
        Require(config, options);
        var layers = Kept(importance.Layers, options.Layers);
        var channels = Kept(importance.Channels, options.Hidden);
        var isNarrower = channels.Length < config.HiddenSize;
        var after = config with
        {
            Layers = layers.Length,
            IntermediateSize = options.FeedForward ?? config.IntermediateSize,
            KeyValueHeads = options.KeyValueHeads ?? config.KeyValueHeads,
            HiddenSize = channels.Length,
            NormEpsilon = config.NormEpsilon * config.HiddenSize / channels.Length,
            SlidingLayers = config.SlidingLayers is { } slides ? [.. layers.Select(layer => slides[layer])] : null,
            FirstSlidingLayer = layers.Count(layer => layer < config.FirstSlidingLayer),
        };
        after = after with { Heads = after.KeyValueHeads * config.QueriesPerKeyValueHead };
        GrowthStep.Check(after);
        var stream = isNarrower ? AxisMap.Keep(config.HiddenSize, channels) : null;
        var tensors = new Dictionary<string, TensorGrowth>(StringComparer.Ordinal);
        foreach (var weight in WeightLayout.Of(after))
        {
            var source = LayerNames.LayerOf(weight.Name) is { } layer ? LayerNames.InLayer(weight.Name, layers[layer]) : weight.Name;
            var (neurons, groups) = LayerNames.LayerOf(source) is { } from
                ? (Neurons(config, importance.Neurons[from], options), Groups(importance.Groups[from], options))
                : (null, null);
            var growth = new TensorGrowth
            {
                Name = weight.Name,
                Source = source,
                Rows = MapOf(weight.Rows),
                Columns = weight.Columns is { } axis ? MapOf(axis) : null,
                Factor = isNarrower ? Operators.WidenHidden.FactorOf(weight, config, Math.Sqrt((double)config.HiddenSize / channels.Length)) : 1,
                Offset = weight.Role == WeightRole.Gain && weight.Rows == WeightAxis.Hidden ? config.NormGainOffset : 0,
            };
            if (growth.IsChange)
            {
                tensors[weight.Name] = growth;
            }

            AxisMap? MapOf(WeightAxis which) => which switch
            {
                WeightAxis.Hidden => stream,
                WeightAxis.FeedForward => neurons,
                WeightAxis.KeyValues when groups is not null => Spread(config.KeyValueHeads, config.HeadSize, groups),
                WeightAxis.Queries when groups is not null => Spread(config.KeyValueHeads, config.QueriesPerKeyValueHead * config.HeadSize, groups),
                _ => null,
            };
        }

        return GrowthPlan.OfSteps(config,
        [
            new GrowthStep
            {
                Description = $"layers {config.Layers} -> {after.Layers}, hidden width {config.HiddenSize} -> {after.HiddenSize}, feed-forward {config.IntermediateSize} -> {after.IntermediateSize}, heads {config.Heads} -> {after.Heads}",
                Before = config,
                After = after,
                Layers = layers.Length < config.Layers ? layers : null,
                Tensors = tensors,
                IsExact = false,
                Note = "a smaller copy: exact only where what is left out did nothing",
            },
        ]);
    }

    private static AxisMap? Neurons(ModelConfig config, IReadOnlyList<double> importance, ShrinkOptions options) =>
        options.FeedForward < config.IntermediateSize ? AxisMap.Keep(config.IntermediateSize, Kept(importance, options.FeedForward)) : null;

    private static int[]? Groups(IReadOnlyList<double> importance, ShrinkOptions options) =>
        options.KeyValueHeads < importance.Count ? Kept(importance, options.KeyValueHeads) : null;

    private static AxisMap Spread(int blocks, int size, int[] kept) =>
        AxisMap.Keep(blocks * size, [.. kept.SelectMany(block => Enumerable.Range(block * size, size))]);

    // Of equals the first stay, so that the choice is the same everywhere.
    private static int[] Kept(IReadOnlyList<double> importance, int? count) =>
        [.. Enumerable.Range(0, importance.Count).OrderByDescending(unit => importance[unit]).Take(count ?? importance.Count).Order()];
}
