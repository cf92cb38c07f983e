using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Training;

/// <summary>Why a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>The budget is used up.</summary>
    Completed,

    /// <summary>Held-out data gained nothing for too long.</summary>
    Stopped,

    /// <summary>A gauge was over its budget, such as that of drift; the last weights within all budgets are kept.</summary>
    Drifted,

    /// <summary>The run rolled back as often as it may, and something was wrong again; the last good weights are kept.</summary>
    Unstable,

    /// <summary>The run was asked to stop; it goes on from its checkpoint.</summary>
    Interrupted,
}

/// <summary>One evaluation of a run.</summary>
/// <param name="Step">Steps taken before it.</param>
/// <param name="Tokens">Tokens read before it.</param>
/// <param name="TrainingLoss">Smoothed training loss; null before the first step.</param>
/// <param name="ValidationLoss">Held-out loss in nats per token.</param>
/// <param name="Rate">The rate of the step before it.</param>
public sealed record CurvePoint(int Step, long Tokens, double? TrainingLoss, double ValidationLoss, double Rate);

/// <summary>What a run did. Losses are in nats per target token; null where there are no held-out data.</summary>
public sealed record TrainingReport
{
    /// <summary>Why the run ended.</summary>
    public required TrainingOutcome Outcome { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps of them in the high-rate phase.</summary>
    public required int SeedingSteps { get; init; }

    /// <summary>Tokens read, prompts included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens of them that the loss counted.</summary>
    public required long LossTokens { get; init; }

    /// <summary>Samples seen, repetitions included.</summary>
    public required long Samples { get; init; }

    /// <summary>Passes over the data, with fraction.</summary>
    public required double Epochs { get; init; }

    /// <summary>Held-out loss before the first step; for an expert, that of the bare backbone.</summary>
    public double? BaselineLoss { get; init; }

    /// <summary>Held-out loss of the weights that the run ends with.</summary>
    public double? FinalLoss { get; init; }

    /// <summary>The least held-out loss.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Step of <see cref="BestLoss"/>.</summary>
    public int? BestStep { get; init; }

    /// <summary>By how much the final weights beat the baseline.</summary>
    public double? Gain => BaselineLoss - FinalLoss;

    /// <summary>How far the weights that the run ends with are from its start, KL(start || end) in nats per answer token of the anchors; null where it was not measured.</summary>
    public double? Drift => Gauges.FirstOrDefault(gauge => gauge.Name == GaugePanel.AnchorDrift)?.Value;

    /// <summary>The drift that ended the run, over the budget; null when none did.</summary>
    public double? DriftOverBudget => OverBudget?.Name == GaugePanel.AnchorDrift ? OverBudget.Value : null;

    /// <summary>The measurement that ended the run, over its budget; null when none did.</summary>
    public GaugeReading? OverBudget { get; init; }

    /// <summary>What the gauges showed of the weights that the run ends with; empty where there are none.</summary>
    public IReadOnlyList<GaugeReading> Gauges { get; init; } = [];

    /// <summary>How often the run went back to its last good weights.</summary>
    public int Rollbacks { get; init; }

    /// <summary>The smoothed training loss at the end.</summary>
    public double? TrainingLoss { get; init; }

    /// <summary>Every evaluation.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>Step of the checkpoint that the run went on from; null when it began afresh.</summary>
    public int? ResumedFrom { get; init; }

    /// <summary>Seconds of training, evaluation and checkpoints left out, earlier parts of an interrupted run included.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Training speed over the whole run.</summary>
    public double TokensPerSecond => TrainingSeconds > 0 ? Tokens / TrainingSeconds : 0;

    /// <summary>What tokenising did to the data, truncation included; null when the caller did not say.</summary>
    public TokenizeReport? Tokenized { get; init; }
}
