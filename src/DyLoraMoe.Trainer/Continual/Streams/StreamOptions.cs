namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>Size of a stream. Part of a benchmark's identity.</summary>
internal sealed record StreamOptions
{
    /// <summary>Tokens that a new skill may be trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens of a visit that brings nothing new: half, since the skill is known.</summary>
    public long LaterTokens => Tokens / 2;

    /// <summary>The skills, by name; a stream's own when empty.</summary>
    public IReadOnlyList<string> Skills { get; init; } = [];

    /// <summary>Whether visits of known skills are added: one returning, and where the stream has them, one duplicate and one paraphrase.</summary>
    public bool Revisits { get; init; } = true;

    /// <summary>Most samples of a visit to learn from.</summary>
    public int TrainSamples { get; init; } = 2000;

    /// <summary>Samples of a visit to choose by.</summary>
    public int HeldOutSamples { get; init; } = 64;

    /// <summary>Samples of a skill's test.</summary>
    public int TestSamples { get; init; } = 100;

    /// <summary>Batches for novelty detection of every source; 0 for none.</summary>
    public int NoveltyBatches { get; init; } = 2;
}
