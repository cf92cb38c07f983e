namespace DyLoraMoe.Core.Training;

/// <summary>What a progress report is about.</summary>
public enum ProgressKind
{
    /// <summary>The run begins.</summary>
    Started,

    /// <summary>The run goes on from a checkpoint.</summary>
    Resumed,

    /// <summary>Some steps were taken.</summary>
    Stepped,

    /// <summary>Held-out data were evaluated.</summary>
    Evaluated,

    /// <summary>Seeding ended.</summary>
    PhaseChanged,

    /// <summary>A checkpoint was written.</summary>
    Checkpointed,

    /// <summary>Something is wrong that the run can live with; <see cref="TrainingProgress.Message"/> says what.</summary>
    Warning,

    /// <summary>The run went back to its last good weights; <see cref="TrainingProgress.Message"/> says why.</summary>
    RolledBack,

    /// <summary>The run was asked to stop and did.</summary>
    Interrupted,

    /// <summary>The run is complete.</summary>
    Finished,
}

/// <summary>Where a run stands.</summary>
public sealed record TrainingProgress
{
    /// <summary>What this report is about.</summary>
    public required ProgressKind Kind { get; init; }

    /// <summary>The phase.</summary>
    public required TrainingPhase Phase { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required int Step { get; init; }

    /// <summary>Share of the budget used, 0 to 1.</summary>
    public required double Fraction { get; init; }

    /// <summary>Budget in steps; null when only tokens limit the run.</summary>
    public int? TotalSteps { get; init; }

    /// <summary>Tokens read, prompts included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Training loss in nats per target token, smoothed; null before the first step.</summary>
    public double? Loss { get; init; }

    /// <summary>Training speed since the last report, evaluation and checkpoints left out; null when no step was taken since.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Time that training took so far, runs that this one goes on from included, evaluation and checkpoints left out.</summary>
    public TimeSpan Trained { get; init; }

    /// <summary>Time to the end of the budget at this speed; null while unknown.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The last step's rate.</summary>
    public double Rate { get; init; }

    /// <summary>Norm of the last step's gradient before clipping; null before the first step.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>The latest held-out loss in nats per token; null before the first evaluation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The least held-out loss so far; null before the first evaluation.</summary>
    public double? BestLoss { get; init; }

    /// <summary>With <see cref="ProgressKind.PhaseChanged"/>: seeding ended because held-out data gained no more, not because its budget was used up.</summary>
    public bool IsPlateau { get; init; }

    /// <summary>How often the run went back to its last good weights.</summary>
    public int Rollbacks { get; init; }

    /// <summary>What the gauges showed of the last good weights; empty where there are none.</summary>
    public IReadOnlyList<GaugeReading> Gauges { get; init; } = [];

    /// <summary>For people: what happened. Null for plain steps.</summary>
    public string? Message { get; init; }
}
