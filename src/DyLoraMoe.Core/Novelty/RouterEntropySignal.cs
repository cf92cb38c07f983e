using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The entropy of the router over the batch: a router that cannot decide has not seen such prompts. Weak alone, since routers are sure of themselves far
/// from what they know. Entropies of one skill lie orders of magnitude apart, so the mean is the geometric one: the arithmetic one is that of a few
/// prompts, which a few dozen held-out samples may happen not to have. Training prompts count beside the held-out ones, each as if it had not been seen.
/// </summary>
/// <param name="entropies">Entropies of features.</param>
public sealed class RouterEntropySignal(IRouterEntropies entropies) : INoveltySignal
{
    // Below it a router is sure, and how sure says nothing.
    internal const double Least = 1e-6;

    /// <inheritdoc/>
    public string Name => "router-entropy";

    /// <inheritdoc/>
    public bool LooksAtAnswers => false;

    /// <inheritdoc/>
    public SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch)
    {
        ArgumentNullException.ThrowIfNull(skill);
        ArgumentNullException.ThrowIfNull(batch);
        var known = entropies.Of(skill.HeldOutFeatures());
        var all = entropies.OfTraining(skill.Skill.Name) is { } training ? cat([known.to_type(ScalarType.Float64).cpu(), training.to_type(ScalarType.Float64).cpu()], 0) : known;
        return new SignalStatistics(Logs(entropies.Of(batch.Features)), Logs(all), means => means.squeeze(1).exp());
    }

    private static Tensor Logs(Tensor entropies) => entropies.detach().cpu().to_type(ScalarType.Float64).clamp_min(Least).log().unsqueeze(1);   // (N) -> (N, 1)
}
