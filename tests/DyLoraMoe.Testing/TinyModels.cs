using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Testing;

/// <summary>Models of a few thousand weights, one per family, each with the family's peculiarities switched on.</summary>
public static class TinyModels
{
    /// <summary>A two-layer configuration of <paramref name="family"/>.</summary>
    /// <param name="family">The family.</param>
    public static ModelConfig Config(ModelFamily family = ModelFamily.Llama) => new()
    {
        Family = family,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = family == ModelFamily.Gemma ? 1 : 2,
        HeadSize = family is ModelFamily.Mistral or ModelFamily.Gemma ? 12 : 8,
        VocabularySize = 64,
        MaxPositions = 128,
        TieWordEmbeddings = family is ModelFamily.Gemma or ModelFamily.Llama,
        QkvBias = family == ModelFamily.Qwen2,
        SlidingWindow = family == ModelFamily.Mistral ? 5 : null,
        Activation = family == ModelFamily.Gemma ? FeedForwardActivation.GeluTanh : FeedForwardActivation.Silu,
        BosTokenId = 1,
        EosTokenIds = [2],
    };

    /// <summary>A model with random weights, frozen and in evaluation mode.</summary>
    /// <param name="family">The family.</param>
    /// <param name="seed">Seed of the weights.</param>
    public static CausalLanguageModel Create(ModelFamily family = ModelFamily.Llama, long seed = 7) => Create(Config(family), seed);

    /// <summary>A model with random weights, frozen and in evaluation mode.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Seed of the weights.</param>
    public static CausalLanguageModel Create(ModelConfig config, long seed = 7)
    {
        using var weights = new LoudWeights(config, seed);
        var model = new CausalLanguageModel(config, weights);
        model.eval();
        return model;
    }
}
