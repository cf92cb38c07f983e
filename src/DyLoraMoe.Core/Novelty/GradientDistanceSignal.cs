using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The Mahalanobis distance of the batch's mean gradient from the skill's, under the skill's own covariance of gradients. It looks
/// at the answers too: the same prompts with another rule have other gradients.
/// </summary>
/// <remarks>The distance of the mean rather than the mean of distances: what shifts all samples a little shows in the mean first.</remarks>
public sealed class GradientDistanceSignal : INoveltySignal
{
    /// <inheritdoc/>
    public string Name => "gradient";

    /// <inheritdoc/>
    public bool LooksAtAnswers => true;

    /// <inheritdoc/>
    public SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch)
    {
        ArgumentNullException.ThrowIfNull(skill);
        ArgumentNullException.ThrowIfNull(batch);
        var center = skill.TrainingGradients.mean([0], keepdim: true);                        // (1, G)
        var whitening = ShrunkCovariance.Around(skill.TrainingGradients).Whitening();         // (G, G)
        return new SignalStatistics(
            (batch.Gradients - center).matmul(whitening),
            (skill.HeldOutGradients - center).matmul(whitening),
            means => means.norm(1))                                                           // (R, G) -> (R)
        {
            Expected = zeros_like(center),
            ExpectedFrom = skill.TrainingGradients.shape[0],
        };
    }
}
