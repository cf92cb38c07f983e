namespace DyLoraMoe.Core.Training;

/// <summary>Where a <see cref="RateSchedule"/> stands: plain data for a checkpoint.</summary>
internal sealed record RateScheduleState
{
    public TrainingPhase Phase { get; init; }

    /// <summary>Share of the budget used when seeding ended.</summary>
    public double SwitchedAt { get; init; }

    public int SeedingSteps { get; init; }

    /// <summary>The loss that the next evaluation of this phase has to beat.</summary>
    public double? ToBeat { get; init; }

    /// <summary>Evaluations in a row that did not beat it.</summary>
    public int Stale { get; init; }
}

/// <summary>
/// The two-phase rate in absolute terms: seeding rises linearly to its rate and stays until a plateau of the held-out loss or the
/// end of its budget; consolidation starts at its own rate and decays over what is left of the whole budget.
/// </summary>
internal sealed class RateSchedule(TrainingOptions options)
{
    public RateScheduleState State { get; private set; } = new();

    /// <summary>Whether consolidation's held-out loss has stopped to fall for as long as the options allow.</summary>
    public bool HasStalled => State.Phase == TrainingPhase.Consolidation && options.Consolidation.StopPatience is { } patience && State.Stale >= patience;

    public void Restore(RateScheduleState state) => State = state;

    /// <summary>Share of the whole budget used, 0 to 1.</summary>
    public double Fraction(int steps, long tokens) => Math.Min(1, Math.Max(
        options.MaxSteps is { } maxSteps ? (double)steps / maxSteps : 0,
        options.MaxTokens is { } maxTokens ? (double)tokens / maxTokens : 0));

    /// <summary>The rate of the step that follows <paramref name="steps"/> steps.</summary>
    public double Rate(int steps, long tokens)
    {
        if (State.Phase == TrainingPhase.Seeding)
        {
            var (rate, warmUp) = (options.Seeding.Rate, options.Seeding.WarmUpSteps);
            return steps < warmUp ? rate * (steps + 1) / warmUp : rate;
        }

        var consolidation = options.Consolidation;
        if (consolidation.Decay == RateDecay.Constant)
        {
            return consolidation.Rate;
        }

        var left = 1 - State.SwitchedAt;
        var place = left <= 0 ? 1 : Math.Clamp((Fraction(steps, tokens) - State.SwitchedAt) / left, 0, 1);
        return consolidation.FinalRate + ((consolidation.Rate - consolidation.FinalRate) * (1 + Math.Cos(Math.PI * place)) / 2);
    }

    /// <summary>Ends seeding when its budget is used up. True when that happened.</summary>
    public bool AfterStep(int steps, long tokens) =>
        State.Phase == TrainingPhase.Seeding
        && (steps >= options.Seeding.MaxSteps || tokens >= options.Seeding.MaxTokens)
        && Switch(steps, tokens);

    /// <summary>Takes a held-out loss into account. True when it ended seeding.</summary>
    public bool AfterEvaluation(double loss, int steps, long tokens)
    {
        var needed = State.Phase == TrainingPhase.Seeding ? options.Seeding.PlateauGain : 0;
        State = State.ToBeat is not { } best || loss < best - needed
            ? State with { ToBeat = loss, Stale = 0 }
            : State with { Stale = State.Stale + 1 };
        return State.Phase == TrainingPhase.Seeding
            && steps >= options.Seeding.WarmUpSteps
            && State.Stale >= options.Seeding.PlateauPatience
            && Switch(steps, tokens);
    }

    private bool Switch(int steps, long tokens)
    {
        State = new RateScheduleState { Phase = TrainingPhase.Consolidation, SwitchedAt = Fraction(steps, tokens), SeedingSteps = steps, ToBeat = State.ToBeat };
        return true;
    }
}
