using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth;

/// <summary>The axes that a model's weights share. Growth of one touches every weight that has it.</summary>
internal enum WeightAxis
{
    /// <summary>Token ids, V.</summary>
    Vocabulary,

    /// <summary>The residual stream, D.</summary>
    Hidden,

    /// <summary>Query heads side by side, H · E.</summary>
    Queries,

    /// <summary>Key or value heads side by side, K · E.</summary>
    KeyValues,

    /// <summary>Feed-forward neurons, F.</summary>
    FeedForward,

    /// <summary>One head, E.</summary>
    Head,
}

/// <summary>What a weight does to the residual stream.</summary>
internal enum WeightRole
{
    /// <summary>Makes it.</summary>
    Embedding,

    /// <summary>Reads it: queries, keys, values, gate, up and the language-model head.</summary>
    Reader,

    /// <summary>Adds to it: attention's output and the feed-forward layer's.</summary>
    Writer,

    /// <summary>Gain of a norm.</summary>
    Gain,

    /// <summary>Bias of a projection.</summary>
    Bias,
}

/// <summary>One weight of a model, by what its axes mean.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Role">What it does.</param>
/// <param name="Rows">Its first axis.</param>
/// <param name="Columns">Its second axis; null for a vector.</param>
internal sealed record WeightLayout(string Name, WeightRole Role, WeightAxis Rows, WeightAxis? Columns = null)
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string LastNorm = "model.norm.weight";
    public const string Head = CausalLanguageModel.HeadPath + ".weight";

    /// <summary>Every weight of a model, embeddings first.</summary>
    public static IEnumerable<WeightLayout> Of(ModelConfig config)
    {
        yield return new(Embedding, WeightRole.Embedding, WeightAxis.Vocabulary, WeightAxis.Hidden);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var weight in OfLayer(config, layer))
            {
                yield return weight;
            }
        }

        yield return new(LastNorm, WeightRole.Gain, WeightAxis.Hidden);
        if (!config.TieWordEmbeddings)
        {
            yield return new(Head, WeightRole.Reader, WeightAxis.Vocabulary, WeightAxis.Hidden);
        }
    }

    /// <summary>Every weight of one layer.</summary>
    public static IEnumerable<WeightLayout> OfLayer(ModelConfig config, int layer)
    {
        var prefix = LayerNames.Prefix(layer);
        yield return new(prefix + "input_layernorm.weight", WeightRole.Gain, WeightAxis.Hidden);
        (string, WeightRole, WeightAxis, WeightAxis, bool)[] matrices =
        [
            ("self_attn.q_proj", WeightRole.Reader, WeightAxis.Queries, WeightAxis.Hidden, config.QkvBias),
            ("self_attn.k_proj", WeightRole.Reader, WeightAxis.KeyValues, WeightAxis.Hidden, config.QkvBias),
            ("self_attn.v_proj", WeightRole.Reader, WeightAxis.KeyValues, WeightAxis.Hidden, config.QkvBias),
            ("self_attn.o_proj", WeightRole.Writer, WeightAxis.Hidden, WeightAxis.Queries, config.OutputBias),
            ("mlp.gate_proj", WeightRole.Reader, WeightAxis.FeedForward, WeightAxis.Hidden, config.FeedForwardBias),
            ("mlp.up_proj", WeightRole.Reader, WeightAxis.FeedForward, WeightAxis.Hidden, config.FeedForwardBias),
            ("mlp.down_proj", WeightRole.Writer, WeightAxis.Hidden, WeightAxis.FeedForward, config.FeedForwardBias),
        ];
        foreach (var (name, role, rows, columns, hasBias) in matrices)
        {
            yield return new($"{prefix}{name}.weight", role, rows, columns);
            if (hasBias)
            {
                yield return new($"{prefix}{name}.bias", WeightRole.Bias, rows);
            }
        }

        if (config.QkNorm)
        {
            yield return new(prefix + "self_attn.q_norm.weight", WeightRole.Gain, WeightAxis.Head);
            yield return new(prefix + "self_attn.k_norm.weight", WeightRole.Gain, WeightAxis.Head);
        }

        yield return new(prefix + "post_attention_layernorm.weight", WeightRole.Gain, WeightAxis.Hidden);
    }

    /// <summary>Extent of an axis.</summary>
    public static int SizeOf(WeightAxis axis, ModelConfig config) => axis switch
    {
        WeightAxis.Vocabulary => config.VocabularySize,
        WeightAxis.Hidden => config.HiddenSize,
        WeightAxis.Queries => config.Heads * config.HeadSize,
        WeightAxis.KeyValues => config.KeyValueHeads * config.HeadSize,
        WeightAxis.FeedForward => config.IntermediateSize,
        _ => config.HeadSize,
    };

    /// <summary>The shape in a model.</summary>
    public long[] ShapeIn(ModelConfig config) => Columns is { } columns ? [SizeOf(Rows, config), SizeOf(columns, config)] : [SizeOf(Rows, config)];

    /// <summary>Number of values in a model.</summary>
    public long CountIn(ModelConfig config) => ShapeIn(config).Aggregate(1L, (product, extent) => product * extent);
}
