using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// One way to tell whether a batch is like a known skill. Every signal comes down to the mean of a few numbers per sample and a
/// score of that mean, so all of them are calibrated alike: by means over random held-out samples of the skill.
/// </summary>
public interface INoveltySignal
{
    /// <summary>Its name, in reports.</summary>
    string Name { get; }

    /// <summary>Whether answers decide; a signal that looks at prompts alone cannot tell two rules on the same inputs apart.</summary>
    bool LooksAtAnswers { get; }

    /// <summary>What it measures of the batch and of a skill's held-out samples, or null where it has nothing to go by.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="batch">The batch.</param>
    SignalStatistics? Measure(SkillUnderTest skill, BatchUnderTest batch);
}

/// <summary>Numbers per sample, and what their mean says.</summary>
/// <param name="Batch">Of the batch, (N, C) float64.</param>
/// <param name="HeldOut">Of the skill's held-out samples, (M, C) float64.</param>
/// <param name="Score">Scores means, (R, C) to (R); larger is less like the skill.</param>
public sealed record SignalStatistics(Tensor Batch, Tensor HeldOut, Func<Tensor, Tensor> Score)
{
    /// <summary>The mean that batches of the skill should have, (1, C) float64, where training samples say so; null where only the held-out ones do.</summary>
    public Tensor? Expected { get; init; }

    /// <summary>How many samples say so.</summary>
    public long ExpectedFrom { get; init; }
}

/// <summary>What signals may know of a skill.</summary>
/// <remarks>Shapes: N training samples, M held-out samples, F features, K dimensions, G gradient features.</remarks>
public sealed record SkillUnderTest
{
    /// <summary>The skill.</summary>
    public required KnownSkill Skill { get; init; }

    /// <summary>Mean of its whitened training features, (K) float64: the skill embedding.</summary>
    public required Tensor Embedding { get; init; }

    /// <summary>How many samples that is the mean of.</summary>
    public required long EmbeddingFrom { get; init; }

    /// <summary>Whitened features of its held-out samples, (M, K) float64.</summary>
    public required Tensor HeldOut { get; init; }

    /// <summary>Raw features of its held-out samples, (M, F) float32, loaded when asked for.</summary>
    public required Func<Tensor> HeldOutFeatures { get; init; }

    /// <summary>Gradients of its training samples, (N, G) float64.</summary>
    public required Tensor TrainingGradients { get; init; }

    /// <summary>Gradients of its held-out samples, (M, G) float64.</summary>
    public required Tensor HeldOutGradients { get; init; }
}

/// <summary>What signals may know of the batch.</summary>
/// <remarks>Shapes: N samples, F features, K dimensions, G gradient features.</remarks>
public sealed record BatchUnderTest
{
    /// <summary>The samples.</summary>
    public required IReadOnlyList<TokenizedSample> Samples { get; init; }

    /// <summary>Features of the prompts, (N, F) float32.</summary>
    public required Tensor Features { get; init; }

    /// <summary>The same, projected and whitened, (N, K) float64.</summary>
    public required Tensor Whitened { get; init; }

    /// <summary>Gradients of the answers, (N, G) float64.</summary>
    public required Tensor Gradients { get; init; }

    /// <summary>The backbone's losses; null when losses were not given.</summary>
    public IReadOnlyList<SampleLoss>? BackboneLosses { get; init; }

    /// <summary>Nats per token by the frequencies of the batch's own tokens alone.</summary>
    public double UnigramLoss { get; init; } = double.PositiveInfinity;

    /// <summary>Losses of the experts that were asked, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SampleLoss>> ExpertLosses { get; init; } = new Dictionary<string, IReadOnlyList<SampleLoss>>();
}
