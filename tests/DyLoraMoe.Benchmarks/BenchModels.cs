using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Benchmarks;

/// <summary>The models that figures are stated for.</summary>
internal static class BenchModels
{
    /// <summary>Training throughput against PyTorch.</summary>
    public static ModelConfig Throughput { get; } = Llama(hidden: 256, layers: 6, heads: 8, feedForward: 704, vocabulary: 4096) with { TieWordEmbeddings = true };

    /// <summary>The bench model: about 135M parameters.</summary>
    public static ModelConfig Bench { get; } = Llama(hidden: 768, layers: 12, heads: 12, feedForward: 2048, vocabulary: 32_000);

    /// <summary>Small enough for thousands of steps.</summary>
    public static ModelConfig Tiny { get; } = Llama(hidden: 128, layers: 4, heads: 4, feedForward: 344, vocabulary: 256) with { TieWordEmbeddings = true };

    /// <summary>A gigabyte of float32 weights.</summary>
    public static ModelConfig Gigabyte { get; } = Llama(hidden: 1024, layers: 18, heads: 16, feedForward: 2816, vocabulary: 16_000);

    private static ModelConfig Llama(int hidden, int layers, int heads, int feedForward, int vocabulary) => new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = hidden,
        IntermediateSize = feedForward,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = heads,
        HeadSize = hidden / heads,
        VocabularySize = vocabulary,
        NormEpsilon = 1e-5,
    };
}
