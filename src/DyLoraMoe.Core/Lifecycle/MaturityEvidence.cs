namespace DyLoraMoe.Core.Lifecycle;

/// <summary>One evaluation of an expert while it trained.</summary>
/// <param name="Tokens">Tokens read before it.</param>
/// <param name="Loss">Held-out loss in nats per token.</param>
public sealed record LossPoint(long Tokens, double Loss);

/// <summary>What is known about an expert when its maturity is judged. Plain data, stored as JSON with the verdict.</summary>
public sealed record MaturityEvidence
{
    /// <summary>Held-out loss of the bare backbone on the expert's skill, in nats per token.</summary>
    public required double BackboneLoss { get; init; }

    /// <summary>Held-out loss of the expert on its skill, in nats per token.</summary>
    public required double ExpertLoss { get; init; }

    /// <summary>The evaluations of the expert's last run, in any order.</summary>
    public IReadOnlyList<LossPoint> Curve { get; init; } = [];

    /// <summary>Share of the skill's own held-out samples that the router gives to this expert, 0 to 1; null while no router knows it.</summary>
    public double? RoutedShare { get; init; }

    /// <summary>Different training samples that the expert has seen; repetitions are no evidence.</summary>
    public required long SamplesSeen { get; init; }

    /// <summary>How many different samples an expert has seen after a training: what it had seen before stays, and repetitions are no evidence.</summary>
    /// <param name="before">How many it had seen before; 0 for a new expert.</param>
    /// <param name="shown">How many new ones the training showed it.</param>
    /// <param name="different">How many different ones there are in all its data.</param>
    public static long SamplesAfter(long before, long shown, long different) => Math.Max(before, Math.Min(different, before + shown));
}
