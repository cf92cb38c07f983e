using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The entropy of the router over the batch: a router that cannot decide has not seen such prompts. Weak alone, since routers are sure of themselves far
/// from what they know. Entropies of one skill lie orders of magnitude apart, so the mean is the geometric one: the arithmetic one is that of a few
/// prompts, which a few dozen held-out samples may happen not to have.
/// </summary>
/// <param name="entropy">Entropies of features, (N, F) to (N).</param>
public sealed class RouterEntropySignal(Func<Tensor, Tensor> entropy) : INoveltySignal
{
    // Nats. Below it a router is sure, and how sure says nothing.
    private const double Least = 1e-6;

    /// <inheritdoc/>
    public string Name => "router-entropy";

    /// <inheritdoc/>
    public bool LooksAtAnswers => false;

    /// <inheritdoc/>
    public SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch)
    {
        ArgumentNullException.ThrowIfNull(skill);
        ArgumentNullException.ThrowIfNull(batch);
        return new SignalStatistics(Of(batch.Features), Of(skill.HeldOutFeatures()), means => means.squeeze(1).exp());
    }

    private Tensor Of(Tensor features) => entropy(features).detach().cpu().to_type(ScalarType.Float64).clamp_min(Least).log().unsqueeze(1);   // (N, F) -> (N, 1)
}
