using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// How much less the skill's expert gains over the backbone on the batch than on its own held-out samples, in nats per token
/// (<see href="https://arxiv.org/abs/2404.08679">likelihood ratio of a fine-tuned and its base model</see>).
/// </summary>
public sealed class LikelihoodRatioSignal : INoveltySignal
{
    /// <summary>Its name.</summary>
    public const string SignalName = "likelihood-ratio";

    /// <inheritdoc/>
    public string Name => SignalName;

    /// <inheritdoc/>
    public bool LooksAtAnswers => true;

    /// <inheritdoc/>
    public SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch)
    {
        ArgumentNullException.ThrowIfNull(skill);
        ArgumentNullException.ThrowIfNull(batch);
        if (skill.Skill is not { Expert: { } expert, Evidence: { } evidence }
            || batch.BackboneLosses is not { } backbone
            || !batch.ExpertLosses.TryGetValue(expert, out var losses))
        {
            return null;
        }

        var gains = backbone.Zip(losses).Where(pair => pair.First.Tokens > 0).Select(pair => pair.First.Loss - pair.Second.Loss).ToArray();
        return gains.Length == 0
            ? null
            : new SignalStatistics(Column(gains), Column([.. evidence.Advantages]), means => means.neg().squeeze(1));
    }

    private static Tensor Column(double[] values) => tensor(values, [values.Length, 1]);
}
