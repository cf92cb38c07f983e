using DyLoraMoe.Core.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>
/// A low-rank adapter: for each adapted layer <c>y = Wx + s · B(Ax)</c>, where s is alpha / r, or alpha / √r for rsLoRA.
/// See <see href="https://arxiv.org/abs/2106.09685">LoRA</see>. The backbone is never touched: passes take the adapter
/// through an <see cref="IProjectionDelta"/>.
/// </summary>
public sealed class LoraAdapter : IDisposable
{
    // A scale that went through several ranks is off by some roundings.
    private const double ScaleRounding = 1e-9;

    /// <summary>Puts an adapter together from its parts, which it owns from then on.</summary>
    /// <param name="config">Size and reach.</param>
    /// <param name="layers">Factors by layer path.</param>
    public LoraAdapter(LoraConfig config, IReadOnlyDictionary<string, LoraWeights> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Config = config;
        Layers = layers;
    }

    /// <summary>Size and reach.</summary>
    public LoraConfig Config { get; }

    /// <summary>Factors by layer path.</summary>
    public IReadOnlyDictionary<string, LoraWeights> Layers { get; }

    /// <summary>Every trainable tensor, in a fixed order.</summary>
    public IEnumerable<Parameter> Parameters => NamedParameters.Select(pair => pair.Parameter);

    /// <summary>The same with their names in PEFT's manner, <c>{path}.lora_A</c> and <c>{path}.lora_B</c>.</summary>
    internal IEnumerable<(string Name, Parameter Parameter)> NamedParameters => Layers
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .SelectMany(pair => new[] { ($"{pair.Key}.lora_A", pair.Value.A), ($"{pair.Key}.lora_B", pair.Value.B) });

    /// <summary>Bytes of all factors.</summary>
    public long Bytes => Layers.Values.Sum(layer => layer.Bytes);

    /// <summary>Where the factors are.</summary>
    public Device Device => Layers.Values.First().A.device;

    /// <summary>A new adapter that changes nothing yet: A uniform in ±1/√I as PEFT draws it, B zero.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="config">Size and reach.</param>
    /// <param name="seed">Seed of A.</param>
    /// <exception cref="ModelFormatException">The configuration names layers that the model lacks.</exception>
    public static LoraAdapter Create(CausalLanguageModel model, LoraConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(config);
        using var _ = no_grad();
        using var random = new Generator((ulong)seed, CPU);
        var layers = new Dictionary<string, LoraWeights>(StringComparer.Ordinal);
        foreach (var path in TargetSelection.Find(model, config))
        {
            var projection = model.Projections[path];
            var rank = config.RankOf(path);
            layers[path] = new LoraWeights(
                Trainable(RandomRows(rank, projection.Inputs, random), model.Device),
                Trainable(zeros(projection.Outputs, rank), model.Device),
                config.ScaleOf(path));
        }

        return new LoraAdapter(config, layers);
    }

    /// <summary>
    /// A wider copy that computes exactly the same: A gets random rows, B zero columns, and alpha grows so that the scale stays.
    /// The new columns of B receive gradient from the first step.
    /// </summary>
    /// <param name="rank">The new rank; at least every layer's present one.</param>
    /// <param name="seed">Seed of the new rows.</param>
    public LoraAdapter Grow(int rank, long seed)
    {
        var widest = Layers.Values.Max(layer => layer.Rank);
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, widest);
        using var _ = no_grad();
        using var random = new Generator((ulong)seed, CPU);
        var layers = Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => Widened(pair.Value, rank, random), StringComparer.Ordinal);
        return new LoraAdapter(WithRank(rank), layers);
    }

    /// <summary>A narrower copy of some ranks of every layer; alpha falls so that the scale stays.</summary>
    /// <param name="ranks">Which ranks stay, from 0; at least one, and all below every layer's rank.</param>
    public LoraAdapter Keep(IReadOnlyList<int> ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        var narrowest = Layers.Values.Min(layer => layer.Rank);
        if (ranks.Count == 0 || ranks.Any(rank => rank < 0 || rank >= narrowest))
        {
            throw new ArgumentException($"Ranks [{string.Join(", ", ranks)}] cannot be kept; expected at least one, each from 0 to {narrowest - 1}.", nameof(ranks));
        }

        using var _ = no_grad();
        using var kept = tensor(ranks.Select(rank => (long)rank).ToArray(), device: Device);
        return new LoraAdapter(WithRank(ranks.Count), Layers.ToDictionary(
            pair => pair.Key,
            pair => pair.Value with { A = Chosen(pair.Value.A, 0), B = Chosen(pair.Value.B, 1) },
            StringComparer.Ordinal));

        Parameter Chosen(Parameter factor, int axis) => new(factor.detach().index_select(axis, kept).DetachFromDisposeScope(), factor.requires_grad);
    }

    /// <summary>A copy on another device or in another dtype.</summary>
    /// <param name="device">Where the copy goes.</param>
    /// <param name="dtype">Element type of the copy; the same when null.</param>
    public LoraAdapter CopyTo(Device device, ScalarType? dtype = null)
    {
        using var _ = no_grad();
        return new LoraAdapter(Config, Layers.ToDictionary(
            pair => pair.Key,
            pair => pair.Value with { A = Copied(pair.Value.A), B = Copied(pair.Value.B) },
            StringComparer.Ordinal));

        Parameter Copied(Parameter factor) =>
            new(factor.detach().to(dtype ?? factor.dtype, device, copy: true).DetachFromDisposeScope(), factor.requires_grad);
    }

    /// <summary>The adapter half way to one of the same shape, such as to what it became by further training: the mean of each factor.</summary>
    /// <param name="other">The other end.</param>
    /// <exception cref="ArgumentException">Its layers or ranks are others.</exception>
    public LoraAdapter HalfWayTo(LoraAdapter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Layers.Any(pair => !other.Layers.TryGetValue(pair.Key, out var layer) || layer.Rank != pair.Value.Rank || layer.Scale != pair.Value.Scale))
        {
            throw new ArgumentException("There is a way only between adapters of the same layers, ranks and scales.", nameof(other));
        }

        using var _ = no_grad();
        return new LoraAdapter(Config, Layers.ToDictionary(
            pair => pair.Key,
            pair => pair.Value with { A = Mean(pair.Value.A, other.Layers[pair.Key].A), B = Mean(pair.Value.B, other.Layers[pair.Key].B) },
            StringComparer.Ordinal));

        static Parameter Mean(Parameter from, Parameter to) => new(((from.detach() + to.detach()) / 2).DetachFromDisposeScope(), from.requires_grad);
    }

    /// <summary>Frees all factors.</summary>
    public void Dispose()
    {
        foreach (var layer in Layers.Values)
        {
            layer.Dispose();
        }
    }

    private LoraConfig WithRank(int rank)
    {
        var growth = (double)rank / Config.Rank;
        return Config with
        {
            Rank = rank,
            Alpha = Config.Alpha * (Config.UseRsLora ? Math.Sqrt(growth) : growth),
            RankPattern = new Dictionary<string, int>(),
            AlphaPattern = AlphaPatternKeepingScales(rank),
        };
    }

    private Dictionary<string, double> AlphaPatternKeepingScales(int rank)
    {
        // Layers that had a rank or an alpha of their own keep their scale through an alpha of their own.
        var usual = Config.UseRsLora ? Config.Alpha / Math.Sqrt(Config.Rank) : Config.Alpha / Config.Rank;
        return Layers
            .Where(pair => Math.Abs(pair.Value.Scale - usual) > ScaleRounding * usual)
            .ToDictionary(
                pair => pair.Key.Replace(".", @"\.", StringComparison.Ordinal),
                pair => pair.Value.Scale * (Config.UseRsLora ? Math.Sqrt(rank) : rank),
                StringComparer.Ordinal);
    }

    private static LoraWeights Widened(LoraWeights layer, int rank, Generator random)
    {
        using var scope = NewDisposeScope();
        var (extra, device, dtype) = (rank - layer.Rank, layer.A.device, layer.A.dtype);
        var rows = RandomRows(extra, layer.A.shape[1], random).to(dtype, device);
        var columns = zeros([layer.B.shape[0], extra], dtype, device);
        return layer with
        {
            A = Trainable(cat([layer.A, rows], 0), device),      // (R, I) -> (R', I)
            B = Trainable(cat([layer.B, columns], 1), device),   // (O, R) -> (O, R')
        };
    }

    private static Tensor RandomRows(long rank, long inputs, Generator random)
    {
        using var scope = NewDisposeScope();
        return (((rand([rank, inputs], generator: random) * 2) - 1) / Math.Sqrt(inputs)).MoveToOuterDisposeScope();
    }

    private static Parameter Trainable(Tensor values, Device device)
    {
        using (values)
        {
            return new Parameter(values.to(device, copy: true).DetachFromDisposeScope());
        }
    }
}
