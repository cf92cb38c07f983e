using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Features;

/// <summary>
/// Turns the hidden states of a pass over prompts into features. Every token's state is divided by its root mean square; of these,
/// mean and standard deviation over the prompt's tokens are kept per depth, and the last token's state of the last depth. The
/// states are those before the model's last norm, so nothing is normalised twice. A prompt that arrives in several passes is
/// pooled as if it came in one (<see href="https://doi.org/10.1007/978-3-642-51461-6_3">Chan, Golub and LeVeque</see>).
/// </summary>
/// <remarks>Shapes: B prompts, T tokens of a pass, D hidden, W width of a block, F features.</remarks>
public sealed class FeaturePooler : ILayerObserver, IDisposable
{
    private const double Epsilon = 1e-6;

    private readonly IReadOnlyList<int> _layers;
    private readonly int _channels;
    private readonly Tensor? _projection;
    private readonly Tensor?[] _means;
    private readonly Tensor?[] _squares;
    private Tensor? _counts;
    private Tensor? _last;
    private Tensor? _real;

    /// <summary>A pooler for one batch of prompts.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="options">Which states; the defaults when null.</param>
    public FeaturePooler(ModelConfig config, FeatureOptions? options = null)
        : this(config, options ?? FeatureOptions.Default, ProjectionFor(config, options ?? FeatureOptions.Default))
    {
        OwnsProjection = true;
    }

    internal FeaturePooler(ModelConfig config, FeatureOptions options, Tensor? projection)
    {
        ArgumentNullException.ThrowIfNull(config);
        options.Validate();
        _layers = options.LayersOf(config);
        _channels = options.ChannelsOf(config);
        _projection = projection;
        _means = new Tensor?[_layers.Count];
        _squares = new Tensor?[_layers.Count];
    }

    private FeaturePooler(FeaturePooler origin)
    {
        _layers = origin._layers;
        _channels = origin._channels;
        _projection = origin._projection;
        _means = [.. origin._means.Select(Copy)];
        _squares = [.. origin._squares.Select(Copy)];
        _counts = Copy(origin._counts);
        _last = Copy(origin._last);

        static Tensor? Copy(Tensor? values) => values?.clone().DetachFromDisposeScope();
    }

    private bool OwnsProjection { get; }

    private IEnumerable<Tensor?> Pooled => [.. _means, .. _squares, _counts, _last, _real];

    /// <summary>States which tokens of the next passes are prompt. Without it, all are.</summary>
    /// <param name="real">True on prompt tokens, (B, T) bool, T those of the pass; false on padding at either end. Null for all.</param>
    public void Expect(Tensor? real)
    {
        _real?.Dispose();
        _real = real?.to_type(ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Observe(int layer, Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        var slot = SlotOf(layer);
        if (slot < 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (rows, tokens) = (hidden.shape[0], hidden.shape[1]);
        var real = _real ?? ones([rows, tokens], ScalarType.Float32, hidden.device);                    // (B, T)
        if (!real.shape.SequenceEqual([rows, tokens]))
        {
            throw new ArgumentException($"The pass has {rows} x {tokens} tokens, but the tokens to expect were given as [{string.Join(", ", real.shape)}].", nameof(hidden));
        }

        var states = hidden.narrow(2, 0, _channels).to_type(ScalarType.Float32);
        states = states * (states.square().mean([-1], keepdim: true) + Epsilon).rsqrt();               // (B, T, D)
        var count = real.sum(1).unsqueeze(1);                                                           // (B, 1)
        Pool(slot, states, real.unsqueeze(-1), count);
        if (slot != _layers.Count - 1)
        {
            return;
        }

        KeepLast(states, real, count);
        Replace(ref _counts, _counts is null ? count : _counts + count);
    }

    /// <summary>The features of the prompts seen so far.</summary>
    /// <returns>(B, F) float32 on the model's device; the caller owns it.</returns>
    /// <exception cref="InvalidOperationException">No pass was observed.</exception>
    public Tensor Features()
    {
        if (_counts is null || _last is null)
        {
            throw new InvalidOperationException("Nothing was observed; give the pooler to a forward pass as its observer first.");
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var blocks = new List<Tensor>();
        for (var slot = 0; slot < _layers.Count; slot++)
        {
            blocks.Add(Narrowed(_means[slot]!));                                                        // (B, D) -> (B, W)
            blocks.Add(Narrowed((_squares[slot]! / _counts.clamp_min(1)).sqrt()));                      // (B, D) -> (B, W)
        }

        blocks.Add(Narrowed(_last));
        return cat(blocks, 1).MoveToOuterDisposeScope();                                                // (B, F)
    }

    /// <summary>Another pooler that has seen the same and goes on by itself, for prompts that begin alike. It must not outlive this one.</summary>
    public FeaturePooler Fork() => new(this);

    /// <summary>Frees what was pooled.</summary>
    public void Dispose()
    {
        foreach (var tensor in Pooled)
        {
            tensor?.Dispose();
        }

        if (OwnsProjection)
        {
            _projection?.Dispose();
        }
    }

    /// <summary>What narrows the blocks of a wide model, (D, W); null when they are narrow enough. The caller owns it.</summary>
    internal static Tensor? ProjectionFor(ModelConfig config, FeatureOptions options) => options.ChannelsOf(config) > options.WidestBlock
        ? RandomProjection.Matrix(options.ChannelsOf(config), options.WidestBlock, options.Seed).DetachFromDisposeScope()
        : null;

    private int SlotOf(int layer)
    {
        for (var slot = 0; slot < _layers.Count; slot++)
        {
            if (_layers[slot] == layer)
            {
                return slot;
            }
        }

        return -1;
    }

    // Means and squared distances of this pass, joined with those of the passes before.
    private void Pool(int slot, Tensor states, Tensor real, Tensor count)
    {
        var mean = (states * real).sum(1) / count.clamp_min(1);                                         // (B, T, D) -> (B, D)
        var squares = ((states - mean.unsqueeze(1)).square() * real).sum(1);                            // (B, T, D) -> (B, D)
        if (_means[slot] is { } before && _counts is { } seen)
        {
            var share = count / (seen + count).clamp_min(1);                                            // (B, 1)
            var step = mean - before;
            squares = _squares[slot]! + squares + (step.square() * seen * share);
            mean = before + (step * share);
        }

        Replace(ref _means[slot], mean);
        Replace(ref _squares[slot], squares);
    }

    private void KeepLast(Tensor states, Tensor real, Tensor count)
    {
        var tokens = states.shape[1];
        var places = arange(1, tokens + 1, ScalarType.Float32, states.device);
        var at = (real * places).argmax(1).view(-1, 1, 1).expand(-1, 1, states.shape[2]);               // (B, 1, D)
        var last = states.gather(1, at).squeeze(1);                                                     // (B, D)
        Replace(ref _last, _last is null ? last : where(count > 0, last, _last));
    }

    private Tensor Narrowed(Tensor block) => _projection is null ? block : block.matmul(_projection.to(block.device));

    private static void Replace(ref Tensor? kept, Tensor value)
    {
        kept?.Dispose();
        kept = value.DetachFromDisposeScope();
    }
}
