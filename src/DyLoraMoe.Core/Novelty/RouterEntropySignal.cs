using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>The mean entropy of the router over the batch: a router that cannot decide has not seen such prompts. Weak alone, since routers are sure of themselves far from what they know.</summary>
/// <param name="entropy">Entropies of features, (N, F) to (N).</param>
public sealed class RouterEntropySignal(Func<Tensor, Tensor> entropy) : INoveltySignal
{
    /// <inheritdoc/>
    public string Name => "router-entropy";

    /// <inheritdoc/>
    public bool LooksAtAnswers => false;

    /// <inheritdoc/>
    public SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch)
    {
        ArgumentNullException.ThrowIfNull(skill);
        ArgumentNullException.ThrowIfNull(batch);
        return new SignalStatistics(Of(batch.Features), Of(skill.HeldOutFeatures()), means => means.squeeze(1));
    }

    private Tensor Of(Tensor features) => entropy(features).detach().cpu().to_type(ScalarType.Float64).unsqueeze(1);   // (N, F) -> (N, 1)
}
