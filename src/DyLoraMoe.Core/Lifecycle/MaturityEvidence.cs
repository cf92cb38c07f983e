using DyLoraMoe.Core.Training;

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

    /// <summary>The evidence that a run's report holds.</summary>
    /// <param name="report">The report; it needs held-out losses.</param>
    /// <param name="backboneLoss">The bare backbone's loss; the report's baseline when null, which is right for a new expert only.</param>
    /// <param name="differentSamples">How many different training samples there were.</param>
    /// <param name="routedShare">Share of own held-out samples routed to the expert; null while unknown.</param>
    public static MaturityEvidence Of(TrainingReport report, long differentSamples, double? backboneLoss = null, double? routedShare = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        const string Problem = "The report holds no held-out loss, without which maturity cannot be judged; train with held-out data.";
        return new MaturityEvidence
        {
            BackboneLoss = backboneLoss ?? report.BaselineLoss ?? throw new ArgumentException(Problem, nameof(report)),
            ExpertLoss = report.FinalLoss ?? throw new ArgumentException(Problem, nameof(report)),
            Curve = [.. report.Curve.Select(point => new LossPoint(point.Tokens, point.ValidationLoss))],
            RoutedShare = routedShare,
            SamplesSeen = Math.Min(differentSamples, report.Samples),
        };
    }
}
