using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>The shape of a decoder-only transformer, as <c>config.json</c> states it.</summary>
/// <remarks>Dims used throughout: B batch, T tokens, S cached and new tokens, D hidden, H heads, K key/value heads, E head size, F feed-forward, V vocabulary.</remarks>
public sealed record ModelConfig
{
    /// <summary>The family, which fixes everything that is not a number.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>Width of the residual stream, D.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward layer, F.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of query heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key/value heads, K; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Size of one head, E; even.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Number of token ids, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest context the model was made for. A guide, not a limit of the code.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>Added to the mean square inside every RMS norm.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Stretching of the rotary frequencies; null when there is none.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Whether the language-model head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Bias on the query, key and value projections.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Bias on the attention output projection.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Bias on the feed-forward projections.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>How many tokens back a position attends to, itself included; null for all of them.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>First layer that uses the sliding window, when there is one.</summary>
    public int FirstSlidingLayer { get; init; }

    /// <summary>Which layers use the window when the file lists them one by one; overrides <see cref="FirstSlidingLayer"/>.</summary>
    public IReadOnlyList<bool>? SlidingLayers { get; init; }

    /// <summary>Feed-forward activation.</summary>
    public FeedForwardActivation Activation { get; init; } = FeedForwardActivation.Silu;

    /// <summary>First token of every sequence; null when the family has none.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a generation.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Element type that the folder's weights are stored in.</summary>
    public ScalarType StoredType { get; init; } = ScalarType.Float32;

    /// <summary>Query heads that share one key/value head.</summary>
    public int QueriesPerKeyValueHead => Heads / KeyValueHeads;

    /// <summary>RMS norm on every query and key head (Qwen3).</summary>
    public bool QkNorm => Family == ModelFamily.Qwen3;

    /// <summary>Added to every norm gain: Gemma stores gains as their distance from one.</summary>
    public double NormGainOffset => Family == ModelFamily.Gemma ? 1 : 0;

    /// <summary>Factor on the embeddings: Gemma multiplies by the root of the hidden size.</summary>
    public double EmbeddingScale => Family == ModelFamily.Gemma ? Math.Sqrt(HiddenSize) : 1;

    /// <summary>The window of one layer, or null where it sees everything before it.</summary>
    /// <param name="layer">Layer index from 0.</param>
    public int? WindowOf(int layer) =>
        (SlidingLayers is { } listed ? listed[layer] : layer >= FirstSlidingLayer) ? SlidingWindow : null;

    /// <summary>Checks that the numbers fit together.</summary>
    /// <exception cref="ModelFormatException">One of them cannot be right; the message names it.</exception>
    public void Validate()
    {
        Require(HiddenSize is > 0 and <= 1 << 20, $"hidden_size is {HiddenSize}, expected 1 to {1 << 20}");
        Require(IntermediateSize is > 0 and <= 1 << 24, $"intermediate_size is {IntermediateSize}, expected 1 to {1 << 24}");
        Require(Layers is > 0 and <= 10_000, $"num_hidden_layers is {Layers}, expected 1 to 10000");
        Require(VocabularySize is > 0 and <= 1 << 24, $"vocab_size is {VocabularySize}, expected 1 to {1 << 24}");
        Require(Heads is > 0 and <= 1 << 16, $"num_attention_heads is {Heads}, expected 1 to {1 << 16}");
        Require(KeyValueHeads > 0 && Heads % KeyValueHeads == 0, $"num_key_value_heads is {KeyValueHeads}, expected a divisor of num_attention_heads {Heads}");
        Require(HeadSize is > 0 and <= 1 << 16 && HeadSize % 2 == 0, $"head_dim is {HeadSize}, expected an even number, since rotary positions turn pairs");
        Require(MaxPositions > 0, $"max_position_embeddings is {MaxPositions}, expected a positive number");
        Require(NormEpsilon is >= 0 and < 1, $"rms_norm_eps is {NormEpsilon}, expected 0 to 1");
        Require(RopeTheta > 0 && double.IsFinite(RopeTheta), $"rope_theta is {RopeTheta}, expected a positive number");
        Require(SlidingWindow is null or > 0, $"sliding_window is {SlidingWindow}, expected a positive number or null");
        Require(SlidingLayers is null || SlidingLayers.Count == Layers, $"layer_types has {SlidingLayers?.Count} entries, expected num_hidden_layers {Layers}");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ModelFormatException(problem);
        }
    }
}

/// <summary>The non-linearity of the gated feed-forward layer.</summary>
public enum FeedForwardActivation
{
    /// <summary><c>x * sigmoid(x)</c>.</summary>
    Silu,

    /// <summary>GELU by its tanh approximation.</summary>
    GeluTanh,

    /// <summary>GELU by the error function.</summary>
    Gelu,
}
