using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// A decoder-only transformer with Hugging Face's weight names. Built frozen; <see cref="Unfreeze"/> makes it trainable.
/// A pass leaves no state behind: caches, adapters and masks come in through <see cref="ForwardOptions"/>.
/// </summary>
/// <remarks>Shapes: B batch, T tokens, D hidden, V vocabulary.</remarks>
public sealed class CausalLanguageModel : nn.Module<Tensor, Tensor>
{
    /// <summary>Path of the language-model head, which an expert may adapt when it is not tied.</summary>
    public const string HeadPath = "lm_head";

    [ComponentName(Name = "model")] private readonly Decoder _decoder;
    [ComponentName(Name = "lm_head")] private readonly Projection? _ownHead;
    private readonly HeadHolder _head;

    /// <summary>Builds the model, taking every weight from <paramref name="source"/>.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="source">Where weights come from; decides their dtype and device.</param>
    public CausalLanguageModel(ModelConfig config, IWeightSource source)
        : base(nameof(CausalLanguageModel))
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        var weights = new WeightScope(source);
        _decoder = new Decoder(weights.In("model"), config);
        _ownHead = config.TieWordEmbeddings ? null : new Projection(weights.In(HeadPath), config.HiddenSize, config.VocabularySize, hasBias: false);
        _head = new HeadHolder(_ownHead ?? new Projection(HeadPath, _decoder.Embeddings));
        RegisterComponents();
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>Where the weights are.</summary>
    public Device Device => _decoder.Embeddings.device;

    /// <summary>Element type of the weights.</summary>
    public ScalarType DataType => _decoder.Embeddings.dtype;

    /// <summary>Every linear layer that an adapter may act on, by path; the head only when it is not tied.</summary>
    public IReadOnlyDictionary<string, Projection> Projections => _projections ??= modules().OfType<Projection>().ToDictionary(layer => layer.Path, StringComparer.Ordinal);

    private Dictionary<string, Projection>? _projections;

    /// <summary>The head's matrix, (V, D), tied or not.</summary>
    internal Parameter HeadWeight => _head.Layer.Weight;

    /// <summary>Logits of every position, plain causal pass.</summary>
    /// <param name="inputIds">Token ids, (B, T) int64.</param>
    /// <returns>Logits, (B, T, V).</returns>
    public override Tensor forward(Tensor inputIds) => Logits(inputIds, ForwardOptions.Plain);

    /// <summary>Logits of every position.</summary>
    /// <param name="inputIds">Token ids, (B, T) int64.</param>
    /// <param name="options">Cache, padding, adapters.</param>
    /// <returns>Logits, (B, T, V).</returns>
    public Tensor Logits(Tensor inputIds, ForwardOptions options)
    {
        using var scope = NewDisposeScope();
        return Head(Encode(inputIds, options), options.Delta).MoveToOuterDisposeScope();
    }

    /// <summary>Final hidden states, after the last norm and before the head.</summary>
    /// <param name="inputIds">Token ids, (B, T) int64.</param>
    /// <param name="options">Cache, padding, adapters.</param>
    /// <returns>Hidden states, (B, T, D).</returns>
    public Tensor Encode(Tensor inputIds, ForwardOptions options) => _decoder.Encode(inputIds, options);

    /// <summary>Turns hidden states into logits.</summary>
    /// <param name="hidden">Hidden states, (..., D).</param>
    /// <param name="delta">What adapters add to an untied head; null for none.</param>
    /// <returns>Logits, (..., V).</returns>
    public Tensor Head(Tensor hidden, IProjectionDelta? delta = null) => _head.Layer.call(hidden, delta);

    /// <summary>Makes every weight trainable, for pre-training and full fine-tuning.</summary>
    public CausalLanguageModel Unfreeze()
    {
        foreach (var parameter in parameters())
        {
            parameter.requires_grad = true;
        }

        return this;
    }

    /// <summary>Frees the weights.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.ReleaseTables();
        }

        base.Dispose(disposing);
    }

    // A tied head is no module of its own: held here, its shared matrix appears once among the parameters.
    private sealed record HeadHolder(Projection Layer);
}
