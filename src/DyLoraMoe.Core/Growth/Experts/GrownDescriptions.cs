using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Core.Growth.Experts;

/// <summary>
/// How to describe samples by a grown backbone so that the numbers are those of the backbone before: the residual stream at the old
/// depths and its old channels, the gradients of the old layers at their old inputs and outputs. What is new adds nothing to any of them
/// at the moment of growth, so everything that was fitted on stored descriptions stays true.
/// </summary>
/// <param name="Features">Which states of the grown backbone to look at.</param>
/// <param name="Gradients">Which gradients of the grown backbone to look at.</param>
public sealed record GrownDescriptions(FeatureOptions Features, GradientOptions Gradients)
{
    /// <summary>Why gradients have to be taken again; null when they stay true.</summary>
    public string? Recomputed { get; private init; }

    /// <summary>The options for a grown backbone.</summary>
    /// <param name="plan">How it grew.</param>
    /// <param name="features">What described prompts before; the defaults when null.</param>
    /// <param name="gradients">What described answers before; the defaults when null.</param>
    public static GrownDescriptions Of(GrowthPlan plan, FeatureOptions? features = null, GradientOptions? gradients = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        features ??= FeatureOptions.Default;
        gradients ??= new GradientOptions();
        var states = Of(plan, features);
        var probed = Probed(plan.Before, gradients).Select(layer => Carried(plan, layer)).ToList();
        return (probed.Find(layer => layer.Problem is not null).Problem ?? Inexact(plan)) is { } problem
            ? new GrownDescriptions(states, gradients) { Recomputed = problem }
            : new GrownDescriptions(states, probed.TrueForAll(layer => layer.IsUntouched) && IsDefault(plan.After, gradients, probed)
                ? gradients
                : gradients with { Layers = [], Carried = [.. probed.Select(layer => layer.Layer)] });
    }

    private static FeatureOptions Of(GrowthPlan plan, FeatureOptions features)
    {
        var layers = features.LayersOf(plan.Before).Select(layer => (double)DepthAfter(plan, layer) / plan.After.Layers).ToList();
        var channels = features.ChannelsOf(plan.Before);
        return features with
        {
            Depths = plan.After.Layers == plan.Before.Layers ? features.Depths : layers,
            Channels = plan.After.HiddenSize == channels ? features.Channels : channels,
        };
    }

    // Depth 0 is the embeddings, depth i the output of the i-th layer.
    private static int DepthAfter(GrowthPlan plan, int depth) =>
        depth == 0 ? 0 : plan.Steps.Aggregate(depth - 1, (layer, step) => step.LayerAfter(layer)) + 1;

    private static IEnumerable<CarriedLayer> Probed(ModelConfig config, GradientOptions options)
    {
        if (options.Carried.Count > 0)
        {
            return options.Carried;
        }

        var last = config.Layers - 1;
        var paths = options.Layers.Count > 0 ? options.Layers : [.. new[] { 0, last / 2, last }.Distinct().Select(layer => LayerNames.Prefix(layer) + "mlp.down_proj")];
        var shapes = WeightLayout.Of(config).ToDictionary(weight => weight.Name, weight => weight.ShapeIn(config), StringComparer.Ordinal);
        return paths.Select(path => shapes.TryGetValue(path + ".weight", out var shape)
            ? new CarriedLayer(path, path, (int)shape[1], (int)shape[0])
            : throw new ModelFormatException($"'{path}' is not a linear layer of the model before growth."));
    }

    private static (CarriedLayer Layer, bool IsUntouched, string? Problem) Carried(GrowthPlan plan, CarriedLayer layer)
    {
        var (path, isUntouched) = (layer.Layer, true);
        foreach (var step in plan.Steps)
        {
            var next = step.NameAfter(path);
            isUntouched &= next == path;
            path = next;
            if (!step.Tensors.TryGetValue(path + ".weight", out var growth))
            {
                continue;
            }

            isUntouched = false;
            if (growth.Factor != 1 || !IsAppended(growth.Rows) || !IsAppended(growth.Columns))
            {
                return (layer, false, $"the gradient of {path} is another after '{step.Description}'");
            }
        }

        return (layer with { Layer = path }, isUntouched, null);
    }

    // What is lost to new tokens changes the loss, and with it every gradient; states stay.
    private static string? Inexact(GrowthPlan plan) =>
        plan.Steps.FirstOrDefault(step => !step.IsExact) is { } step ? $"gradients are others after '{step.Description}', which does not keep the loss" : null;

    // Copies of a single block begin as if they were appended, but share its gradient.
    private static bool IsAppended(AxisMap? map) =>
        map is null || (map.Copies.All(copies => copies <= 1) && map.Sources.Take(map.Before).Index().All(entry => entry.Item == entry.Index));

    // The default names layers by their share of the depth, so it means the same only where it finds the same.
    private static bool IsDefault(ModelConfig after, GradientOptions options, List<(CarriedLayer Layer, bool IsUntouched, string? Problem)> probed) =>
        Probed(after, options).SequenceEqual(probed.Select(layer => layer.Layer));
}
