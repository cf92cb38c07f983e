using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Embeddings, layers and the last norm: everything but the head.</summary>
/// <remarks>Shapes: B batch, T tokens, D hidden, V vocabulary.</remarks>
internal sealed class Decoder : nn.Module<Tensor, ForwardOptions, Tensor>
{
    [ComponentName(Name = "embed_tokens")] private readonly TokenEmbedding _embedding;
    [ComponentName(Name = "layers")] private readonly ModuleList<DecoderLayer> _layers;
    [ComponentName(Name = "norm")] private readonly RmsNorm _norm;
    private readonly ModelConfig _config;
    private readonly RotaryTable _rotary;

    public Decoder(WeightScope weights, ModelConfig config)
        : base(nameof(Decoder))
    {
        _config = config;
        _embedding = new TokenEmbedding(weights.In("embed_tokens"), config);
        _layers = new ModuleList<DecoderLayer>([.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderLayer(weights.In($"layers.{layer}"), config, layer))]);
        _norm = new RmsNorm(weights.In("norm"), config.HiddenSize, config.NormEpsilon, config.NormGainOffset);
        _rotary = new RotaryTable(config, _embedding.Weight.device);
        RegisterComponents();
    }

    public Parameter Embeddings => _embedding.Weight;

    public Tensor Encode(Tensor inputIds, ForwardOptions options) => call(inputIds, options);

    public void ReleaseTables() => _rotary.Dispose();

    public override Tensor forward(Tensor inputIds, ForwardOptions options)
    {
        if (inputIds.dim() != 2 || inputIds.shape[1] == 0)
        {
            throw new ArgumentException($"Token ids have shape [{string.Join(", ", inputIds.shape)}], expected (batch, tokens) with at least one token.", nameof(inputIds));
        }

        using var scope = NewDisposeScope();
        var tokens = inputIds.shape[1];
        var hidden = _embedding.call(inputIds);                                                 // (B, T) -> (B, T, D)
        var cached = options.Cache?.Length ?? 0;
        Func<LayerPass> makePass = () => Prepare(tokens, cached, options);
        var depth = 0;
        options.Observer?.Observe(depth, hidden);
        if (options.Checkpointing && is_grad_enabled())
        {
            // The recomputation runs behind the input's gradient, which frozen embeddings would not ask for.
            hidden = hidden.requires_grad ? hidden : hidden.detach().requires_grad_(true);
            foreach (var layer in _layers)
            {
                hidden = Checkpoint.Run(layer, hidden, makePass);
                options.Observer?.Observe(++depth, hidden);
            }
        }
        else
        {
            var pass = makePass();
            foreach (var layer in _layers)
            {
                hidden = layer.call(hidden, pass);
                options.Observer?.Observe(++depth, hidden);
            }
        }

        return _norm.call(hidden).MoveToOuterDisposeScope();                                    // (B, T, D)
    }

    private LayerPass Prepare(long tokens, long cached, ForwardOptions options)
    {
        var rotation = options.Positions is { } positions
            ? _rotary.At(positions, options.PositionsEnd, _embedding.Weight.dtype)
            : _rotary.Consecutive(cached, tokens, _embedding.Weight.dtype);
        return new LayerPass(rotation, new AttentionMask(tokens, cached + tokens, options, _config, _embedding.Weight.device), options.Cache, options.Delta);
    }
}
