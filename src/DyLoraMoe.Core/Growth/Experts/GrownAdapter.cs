using System.Text.RegularExpressions;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Experts;

/// <summary>
/// An expert for the grown backbone that computes what it computed before: its A looks at old inputs only, its B writes to old outputs
/// only and grows with what its layer is multiplied by. In inserted layers an expert that acts on all layers gets random A and zero B.
/// </summary>
/// <remarks>Shapes: R rank, I and O layer widths.</remarks>
public static class GrownAdapter
{
    private const string Weight = ".weight";

    /// <summary>Carries an adapter over.</summary>
    /// <param name="plan">How its backbone grew.</param>
    /// <param name="adapter">The adapter; it stays as it is.</param>
    /// <param name="seed">Seed of what is new.</param>
    /// <returns>A new adapter, trainable; the caller's.</returns>
    /// <exception cref="GrowthRefusedException">The plan asks for a lower rank than the adapter has.</exception>
    public static LoraAdapter Of(GrowthPlan plan, LoraAdapter adapter, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(adapter);
        var grown = adapter.CopyTo(adapter.Device);
        foreach (var (at, step) in plan.Steps.Index())
        {
            var next = After(step, grown, SeededRandom.Key($"{seed} {at}"));
            grown.Dispose();
            grown = next;
        }

        return grown;
    }

    private static LoraAdapter After(GrowthStep step, LoraAdapter adapter, ulong seed)
    {
        using var _ = no_grad();
        if (step.AdapterRank is { } rank)
        {
            var widest = adapter.Layers.Values.Max(layer => layer.Rank);
            return rank >= widest
                ? adapter.Grow(rank, (long)(seed >> 1))
                : throw new GrowthRefusedException($"rank {rank} is refused: the expert has rank {widest} already, and to take rank away is not growth");
        }

        var layers = adapter.Layers.ToDictionary(pair => step.NameAfter(pair.Key), pair => Carried(step, step.NameAfter(pair.Key), pair.Value), StringComparer.Ordinal);
        if (step.Layers is null)
        {
            return new LoraAdapter(adapter.Config, layers);
        }

        foreach (var (path, layer) in Inserted(step, adapter, seed))
        {
            layers[path] = layer;
        }

        return new LoraAdapter(Config(step, adapter.Config, layers), layers);
    }

    private static LoraWeights Carried(GrowthStep step, string path, LoraWeights layer)
    {
        using var scope = NewDisposeScope();
        var growth = step.Tensors.GetValueOrDefault(path + Weight);
        var (a, b) = (layer.A.detach(), layer.B.detach());
        if (growth?.Columns is { } columns)
        {
            a = TensorGrowth.Extended(a, 1, columns, zeros([a.shape[0], columns.Fresh], a.dtype, a.device));   // (R, I) -> (R, I')
        }

        if (growth is not null && growth.Factor != 1)
        {
            b *= growth.Factor;
        }

        if (growth?.Rows is { } rows)
        {
            b = TensorGrowth.Extended(b, 0, rows, zeros([rows.Fresh, b.shape[1]], b.dtype, b.device));         // (O, R) -> (O', R)
        }

        return new LoraWeights(Trainable(a), Trainable(b), layer.Scale);
    }

    // Only where the adapter acts on a kind of layer throughout does it act on new ones of that kind.
    private static IEnumerable<(string Path, LoraWeights Layer)> Inserted(GrowthStep step, LoraAdapter adapter, ulong seed)
    {
        var kinds = adapter.Layers.Keys.Where(path => LayerNames.LayerOf(path) is not null)
            .GroupBy(path => LayerNames.InLayer(path, 0), StringComparer.Ordinal)
            .ToList();
        if (!kinds.TrueForAll(kind => kind.Count() == step.Before.Layers))
        {
            yield break;
        }

        foreach (var (after, _) in step.Layers!.Index().Where(each => each.Item == AxisMap.None))
        {
            foreach (var kind in kinds)
            {
                var path = LayerNames.InLayer(kind.Key, after);
                var model = adapter.Layers[step.Tensors[path + Weight].Source[..^Weight.Length]];
                yield return (path, Fresh(path, model, seed));
            }
        }
    }

    private static LoraWeights Fresh(string path, LoraWeights model, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(new SeededRandom(seed, SeededRandom.Key(path)).NextUInt64() >> 1, CPU);
        var a = ((rand(model.A.shape, generator: random) * 2) - 1) / Math.Sqrt(model.A.shape[1]);
        return new LoraWeights(Trainable(a.to(model.A.dtype, model.A.device)), Trainable(zeros_like(model.B)), model.Scale);
    }

    private static LoraConfig Config(GrowthStep step, LoraConfig config, Dictionary<string, LoraWeights> layers)
    {
        var paths = layers.Keys.Where(path => LayerNames.LayerOf(path) is not null).ToList();
        var names = paths.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var numbers = paths.Select(path => LayerNames.LayerOf(path)!.Value).Distinct().Order().ToList();
        var hasHead = paths.Count < layers.Count;
        var grown = paths.Count == names.Count * numbers.Count
            ? config with
            {
                TargetModules = names,
                TargetPattern = null,
                LayersToTransform = numbers.Count == step.After.Layers ? null : numbers,
            }
            : config with
            {
                TargetModules = [],
                TargetPattern = string.Join('|', layers.Keys.Order(StringComparer.Ordinal).Select(Regex.Escape)),
                LayersToTransform = null,
            };
        return WithPatterns(grown with { ExcludeModules = [], ExcludePattern = null, AdaptHead = hasHead }, config, layers);
    }

    // Patterns may name layers by number, so each layer that differs is named by its new path.
    private static LoraConfig WithPatterns(LoraConfig grown, LoraConfig config, Dictionary<string, LoraWeights> layers)
    {
        if (config.RankPattern.Count == 0 && config.AlphaPattern.Count == 0)
        {
            return grown;
        }

        var ranked = grown with
        {
            RankPattern = layers.Where(pair => pair.Value.Rank != config.Rank).ToDictionary(pair => Regex.Escape(pair.Key), pair => pair.Value.Rank, StringComparer.Ordinal),
            AlphaPattern = new Dictionary<string, double>(),
        };
        return ranked with
        {
            AlphaPattern = layers.Where(pair => ranked.ScaleOf(pair.Key) != pair.Value.Scale).ToDictionary(
                pair => Regex.Escape(pair.Key),
                pair => pair.Value.Scale * (config.UseRsLora ? Math.Sqrt(pair.Value.Rank) : pair.Value.Rank),
                StringComparer.Ordinal),
        };
    }

    private static Parameter Trainable(Tensor values) => new(values.clone().DetachFromDisposeScope());
}
