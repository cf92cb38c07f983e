namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// One minus the cosine between the batch's mean and the skill's, both seen from the anchors' mean and whitened: a cosine of raw
/// states is near one for everything, because all states share a large common part
/// (<see href="https://arxiv.org/abs/2308.10261">anisotropy</see>).
/// </summary>
public sealed class WhitenedCosineSignal : INoveltySignal
{
    /// <inheritdoc/>
    public string Name => "cosine";

    /// <inheritdoc/>
    public bool LooksAtAnswers => false;

    /// <inheritdoc/>
    public SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch)
    {
        ArgumentNullException.ThrowIfNull(skill);
        ArgumentNullException.ThrowIfNull(batch);
        var embedding = skill.Embedding;
        return new SignalStatistics(batch.Whitened, skill.HeldOut, means =>
            1 - (means.matmul(embedding.unsqueeze(1)).squeeze(1) / (means.norm(1) * embedding.norm()).clamp_min(1e-12)))   // (R, K) -> (R)
        {
            Expected = embedding.unsqueeze(0),
            ExpectedFrom = skill.EmbeddingFrom,
        };
    }
}
