namespace DyLoraMoe.Core.Models;

/// <summary>What transformers' own configuration class of a family takes where a file lacks a field.</summary>
internal sealed record FamilyDefaults
{
    /// <summary>Number of key/value heads; as many as heads when null.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>Size of one head; the width divided by the heads when null.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Longest context.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>The sliding window of a family that has one.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Whether the head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Whether <c>attention_bias</c> means anything.</summary>
    public bool HasAttentionBias { get; init; }

    /// <summary>Whether <c>mlp_bias</c> means anything.</summary>
    public bool HasFeedForwardBias { get; init; }

    /// <summary>The defaults of a family.</summary>
    /// <param name="family">The family.</param>
    public static FamilyDefaults Of(ModelFamily family) => family switch
    {
        ModelFamily.Mistral => new() { KeyValueHeads = 8, MaxPositions = 131072, SlidingWindow = 4096 },
        ModelFamily.Qwen2 => new() { KeyValueHeads = 32, MaxPositions = 32768, SlidingWindow = 4096 },
        ModelFamily.Qwen3 => new() { KeyValueHeads = 32, HeadSize = 128, MaxPositions = 32768, SlidingWindow = 4096, HasAttentionBias = true },
        ModelFamily.Gemma => new() { KeyValueHeads = 16, HeadSize = 256, MaxPositions = 8192, TieWordEmbeddings = true, HasAttentionBias = true },
        _ => new() { MaxPositions = 2048, HasAttentionBias = true, HasFeedForwardBias = true },
    };
}
