namespace DyLoraMoe.Core.Training;

/// <summary>Turns a run's state into progress reports: smooths the loss and measures speed.</summary>
internal sealed class RunReporter(TrainingOptions options, RunSettings settings, RateSchedule schedule)
{
    // Weight of the past: with a report every ten steps, the loss is that of roughly the last fifty.
    private const double Smoothing = 0.8;

    private readonly List<double> _losses = [];
    private double? _gradientNorm;
    private double _seconds;
    private long _tokensAtLastReport;
    private string? _notice;

    /// <summary>The last step's rate.</summary>
    public double Rate { get; private set; }

    /// <summary>Begins a run, with a warning that goes out first if there is one.</summary>
    public void Begin(string? notice) => _notice = notice;

    /// <summary>Takes note of a loss that was read before the next report is due.</summary>
    public void Observe(double loss) => _losses.Add(loss);

    /// <summary>Moves the loss of the steps since the last time into the state.</summary>
    public RunState Flush(RunState state, TrainingStep step)
    {
        if (step.TakeLoss() is { } unread)
        {
            _losses.Add(unread);
        }

        if (_losses.Count == 0)
        {
            return state;
        }

        var loss = _losses.Average();
        _losses.Clear();
        if (!double.IsFinite(loss))
        {
            throw new TrainingDivergedException(state.Step, "The loss");
        }

        return state with { SmoothedLoss = state.SmoothedLoss is { } past ? (Smoothing * past) + ((1 - Smoothing) * loss) : loss };
    }

    /// <summary>Takes note of one step.</summary>
    public RunState Took(RunState state, TimeSpan time, double rate, double? gradientNorm)
    {
        (Rate, _gradientNorm) = (rate, gradientNorm);
        _seconds += time.TotalSeconds;
        return state with { TrainingSeconds = state.TrainingSeconds + time.TotalSeconds };
    }

    public void Send(ProgressKind kind, RunState state, string? message = null, bool isPlateau = false)
    {
        if (kind is ProgressKind.Started or ProgressKind.Resumed)
        {
            _tokensAtLastReport = state.Source.Tokens;
            if (_notice is { } notice)
            {
                _notice = null;
                Send(ProgressKind.Warning, state, notice);
            }
        }

        var (tokens, fraction) = (state.Source.Tokens, schedule.Fraction(state.Step, state.Source.Tokens));
        double? speed = _seconds > 0 ? (tokens - _tokensAtLastReport) / _seconds : null;
        var report = new TrainingProgress
        {
            Kind = kind,
            Phase = schedule.State.Phase,
            Step = state.Step,
            TotalSteps = options.MaxSteps,
            Fraction = fraction,
            Tokens = tokens,
            Loss = state.SmoothedLoss,
            TokensPerSecond = speed,
            Trained = TimeSpan.FromSeconds(state.TrainingSeconds),
            Remaining = fraction > 0 && state.TrainingSeconds > 0 ? TimeSpan.FromSeconds(state.TrainingSeconds * (1 - fraction) / fraction) : null,
            Rate = Rate,
            GradientNorm = _gradientNorm,
            BestLoss = state.BestLoss,
            IsPlateau = isPlateau,
            Rollbacks = state.Rollbacks,
            Gauges = state.Readings,
            ValidationLoss = state.Curve is [.., var last] ? last.ValidationLoss : null,
            Message = message,
        };
        foreach (var listener in settings.Progress)
        {
            listener.Report(report);
        }

        if (kind == ProgressKind.Stepped)
        {
            (_seconds, _tokensAtLastReport) = (0, tokens);
        }
    }
}
