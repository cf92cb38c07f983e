using System.Text.RegularExpressions;
using DyLoraMoe.Core.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>An adapter cut to a lower rank, and what that lost.</summary>
/// <param name="Adapter">The adapter; the caller's.</param>
/// <param name="RelativeError">Norm of what was cut over the norm of the whole update, over all layers, 0 to 1.</param>
/// <param name="Tails">For every layer, the singular values of <c>s · B A</c> that were cut, largest first.</param>
public sealed record TruncatedAdapter(LoraAdapter Adapter, double RelativeError, IReadOnlyDictionary<string, double[]> Tails);

/// <summary>
/// Exact sums of adapters: <c>Σ w_i s_i B_i A_i</c> is one adapter with the A stacked and the weighted B side by side, whatever the
/// ranks, scales and layers. Averaging A and B apart would not be the sum: it has cross terms. Cutting to a rank r keeps the r
/// largest singular values, which is the best that rank r can do (Eckart and Young), from QR of both factors and the SVD of a core
/// as small as the rank.
/// </summary>
/// <remarks>Shapes: I and O layer widths, R rank of the union, r of the result.</remarks>
public static class AdapterUnion
{
    /// <summary>The weighted sum as one adapter, exactly.</summary>
    /// <param name="parts">Adapters of one mode, with their weights.</param>
    /// <exception cref="ArgumentException">The adapters differ in mode, invocation tokens or layer shapes.</exception>
    public static LoraAdapter Concatenate(IReadOnlyList<(LoraAdapter Adapter, double Weight)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        RequireAlike(parts);
        using var _ = no_grad();
        var layers = new Dictionary<string, LoraWeights>(StringComparer.Ordinal);
        foreach (var path in Paths(parts))
        {
            using var scope = NewDisposeScope();
            var own = Own(parts, path);
            RequireShapes(path, own);
            layers[path] = new LoraWeights(
                Trainable(cat([.. own.Select(part => part.Layer.A.detach().to_type(ScalarType.Float32))], 0)),                                             // (R, I)
                Trainable(cat([.. own.Select(part => part.Layer.B.detach().to_type(ScalarType.Float32) * (part.Weight * part.Layer.Scale))], 1)),          // (O, R)
                1);
        }

        return new LoraAdapter(Config(parts.Select(part => part.Adapter).ToList(), layers, scale: 1), layers);
    }

    /// <summary>The best approximation of an adapter with a rank of at most <paramref name="rank"/> on every layer.</summary>
    /// <param name="adapter">The adapter, such as a union.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="scale">The scale s of the result, which its factors make up for; that of ordinary adapters (alpha twice the rank) by default.</param>
    public static TruncatedAdapter Truncate(LoraAdapter adapter, int rank, double scale = 2)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        using var _ = no_grad();
        var layers = new Dictionary<string, LoraWeights>(StringComparer.Ordinal);
        var tails = new Dictionary<string, double[]>(StringComparer.Ordinal);
        var (cut, whole) = (0.0, 0.0);
        foreach (var (path, layer) in adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var (kept, values) = Truncate(layer, rank, scale);
            (layers[path], tails[path]) = (kept, values[Math.Min(rank, values.Length)..]);
            cut += tails[path].Sum(value => value * value);
            whole += values.Sum(value => value * value);
        }

        var config = Config([adapter], layers, scale);
        return new TruncatedAdapter(new LoraAdapter(config, layers), whole > 0 ? Math.Sqrt(cut / whole) : 0, tails);
    }

    /// <summary>The cosine between two adapters' updates over all layers, −1 to 1: <c>⟨ΔW_i, ΔW_j⟩ / (‖ΔW_i‖ ‖ΔW_j‖)</c>, from traces of rank-sized products.</summary>
    /// <param name="one">One adapter.</param>
    /// <param name="other">The other, of any rank.</param>
    /// <returns>The cosine; 0 when one of them changes nothing.</returns>
    public static double Similarity(LoraAdapter one, LoraAdapter other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        using var _ = no_grad();
        var norms = Math.Sqrt(Product(one, one)) * Math.Sqrt(Product(other, other));
        return norms > 0 ? Math.Clamp(Product(one, other) / norms, -1, 1) : 0;
    }

    // <s B A, s' B' A'> = s s' tr((BᵀB')(A'Aᵀ)).
    private static double Product(LoraAdapter one, LoraAdapter other)
    {
        var sum = 0.0;
        foreach (var (path, layer) in one.Layers)
        {
            if (other.Layers.TryGetValue(path, out var its))
            {
                using var scope = NewDisposeScope();
                var up = Double(layer.B).t().matmul(Double(its.B));        // (R, R')
                var down = Double(layer.A).matmul(Double(its.A).t());      // (R, R')
                sum += layer.Scale * its.Scale * (up * down).sum().item<double>();
            }
        }

        return sum;
    }

    private static (LoraWeights Kept, double[] Values) Truncate(LoraWeights layer, int rank, double scale)
    {
        using var scope = NewDisposeScope();
        var (upQ, upR) = linalg.qr(Double(layer.B));                                             // (O, R) -> (O, m), (m, R)
        var (downQ, downR) = linalg.qr(Double(layer.A).t());                                     // (I, R) -> (I, n), (n, R)
        var (u, s, vh) = linalg.svd(upR.matmul(downR.t()) * layer.Scale, fullMatrices: false);   // (m, n) -> (m, k), (k), (k, n)
        double[] values = [.. s.cpu().data<double>()];
        var size = Math.Min(rank, values.Length);
        var root = (s.narrow(0, 0, size) / scale).sqrt();                                        // (r), half of each value to either side
        var b = upQ.matmul(u.narrow(1, 0, size)) * root;                                         // (O, r)
        var a = vh.narrow(0, 0, size).matmul(downQ.t()) * root.unsqueeze(1);                     // (r, I)
        return (new LoraWeights(Trainable(a.to_type(ScalarType.Float32)), Trainable(b.to_type(ScalarType.Float32)), scale), values);
    }

    private static LoraConfig Config(IReadOnlyList<LoraAdapter> parts, Dictionary<string, LoraWeights> layers, double scale)
    {
        var usual = layers.Values.GroupBy(layer => layer.Rank).OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key).First().Key;
        var unusual = layers.Where(pair => pair.Value.Rank != usual).ToDictionary(pair => Regex.Escape(pair.Key), pair => pair.Value.Rank, StringComparer.Ordinal);
        return Reach(parts, layers.Keys) with
        {
            Rank = usual,
            Alpha = usual * scale,
            UseRsLora = false,
            Dropout = parts.Max(part => part.Config.Dropout),
            RankPattern = unusual,
            AlphaPattern = unusual.ToDictionary(pair => pair.Key, pair => pair.Value * scale, StringComparer.Ordinal),
        };
    }

    // Adapters of one reach keep it; otherwise the layers are listed.
    private static LoraConfig Reach(IReadOnlyList<LoraAdapter> parts, IEnumerable<string> paths)
    {
        var first = parts[0];
        if (parts.All(part => part.Layers.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(first.Layers.Keys)))
        {
            return first.Config;
        }

        return first.Config with
        {
            TargetModules = [],
            ExcludeModules = [],
            ExcludePattern = null,
            LayersToTransform = null,
            AdaptHead = false,
            TargetPattern = string.Join('|', paths.Order(StringComparer.Ordinal).Select(Regex.Escape)),
        };
    }

    private static List<string> Paths(IReadOnlyList<(LoraAdapter Adapter, double Weight)> parts) =>
        [.. parts.SelectMany(part => part.Adapter.Layers.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static List<(LoraWeights Layer, double Weight)> Own(IReadOnlyList<(LoraAdapter Adapter, double Weight)> parts, string path) =>
        [.. parts.Where(part => part.Adapter.Layers.ContainsKey(path)).Select(part => (part.Adapter.Layers[path], part.Weight))];

    private static void RequireAlike(IReadOnlyList<(LoraAdapter Adapter, double Weight)> parts)
    {
        if (parts.Count == 0)
        {
            throw new ArgumentException("A union needs at least one adapter.", nameof(parts));
        }

        var first = parts[0].Adapter.Config;
        foreach (var config in parts.Select(part => part.Adapter.Config))
        {
            if (config.Mode != first.Mode || !(config.InvocationTokens ?? []).SequenceEqual(first.InvocationTokens ?? []))
            {
                throw new ArgumentException($"The adapters act on different positions ({first.Mode} and {config.Mode}, or other invocation tokens), so no one adapter is their sum.", nameof(parts));
            }
        }
    }

    private static void RequireShapes(string path, List<(LoraWeights Layer, double Weight)> own)
    {
        var (inputs, outputs) = (own[0].Layer.A.shape[1], own[0].Layer.B.shape[0]);
        if (own.Find(part => part.Layer.A.shape[1] != inputs || part.Layer.B.shape[0] != outputs) is { Layer: { } other })
        {
            throw new ArgumentException($"On {path} one adapter maps {inputs} to {outputs} values, another {other.A.shape[1]} to {other.B.shape[0]}; they belong to different backbones.");
        }
    }

    private static Tensor Double(Parameter factor) => factor.detach().to_type(ScalarType.Float64);

    private static Parameter Trainable(Tensor values) => new(values.contiguous().clone().DetachFromDisposeScope());
}
