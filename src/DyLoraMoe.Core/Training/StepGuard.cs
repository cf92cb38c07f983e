namespace DyLoraMoe.Core.Training;

/// <summary>
/// Takes the steps of a training within its budgets: no step at more than the rate that <see cref="TrainingOptions.StepBudget"/> leaves, gauges in between, and back to the last good
/// state where one is over or a loss tells that something is wrong. What it remembers is in the <see cref="RunState"/> that it is given and gives back.
/// </summary>
internal sealed class StepGuard : IDisposable
{
    private readonly TrainingStep _step;
    private readonly Rollbacks? _rollbacks;

    /// <summary>A guard; the step stays the caller's.</summary>
    /// <param name="step">What takes steps.</param>
    /// <param name="trained">What they change.</param>
    /// <param name="invocation">Where an expert begins to act in the gauges' samples.</param>
    /// <param name="data">Anchors, prompts of the new task and canaries.</param>
    /// <param name="options">The budgets.</param>
    public StepGuard(TrainingStep step, Predictor trained, Invocation invocation, TrainingData data, TrainingOptions options)
    {
        _step = step;
        Gauges = new GaugePanel(trained, invocation, data, options);
        Tensors = new RunTensors(step, Gauges.Start);
        _rollbacks = options.Rollback is { } rollback ? new Rollbacks(rollback, Tensors) : null;
    }

    /// <summary>The gauges.</summary>
    public GaugePanel Gauges { get; }

    /// <summary>The weights, as they are and as they were when they were good.</summary>
    public RunTensors Tensors { get; }

    /// <summary>Whether trouble leads back to the last good state; otherwise to the end.</summary>
    public bool CanGoBack => _rollbacks is not null;

    /// <summary>The gauge that was over its budget when last measured; null when none was.</summary>
    public GaugeReading? OverBudget { get; private set; }

    /// <summary>The rate of the next step.</summary>
    /// <param name="state">Where the training stands.</param>
    /// <param name="scheduled">The rate that the schedule asks for.</param>
    public double Rate(RunState state, double scheduled)
    {
        var rate = scheduled * state.RateFactor;
        return Gauges.Step is { } gauge ? Math.Min(rate, gauge.MostRate(state.StepSensitivity)) : rate;
    }

    /// <summary>Takes a step, unless its loss tells that something is wrong.</summary>
    /// <param name="state">Where the training stands.</param>
    /// <param name="rate">The rate, from <see cref="Rate"/>.</param>
    /// <param name="learn">Adds the step's gradients.</param>
    /// <param name="told">Called with the loss where it was read and is sound.</param>
    /// <returns>The state after it, and what is wrong; null when nothing is.</returns>
    public (RunState State, string? Trouble) Take(RunState state, double rate, Action learn, Action<double> told)
    {
        string? trouble = null;
        if (Gauges.Step is { } gauge && gauge.IsDue(state.Step))
        {
            var sensitivity = gauge.Measure(state.StepSensitivity, rate, Move);
            state = state with { StepSensitivity = sensitivity };
        }
        else
        {
            Move();
        }

        return (state, trouble);

        void Move()
        {
            learn();
            if (_rollbacks is { } rollbacks)
            {
                _step.ApplyIf(rate, loss => IsSound(rollbacks, loss));
            }
            else
            {
                _step.Apply(rate);
            }
        }

        bool IsSound(Rollbacks rollbacks, double loss)
        {
            trouble = rollbacks.Trouble(state, loss);
            if (trouble is not null)
            {
                return false;
            }

            told(loss);
            state = rollbacks.Took(state, loss);
            return true;
        }
    }

    /// <summary>Measures the gauges, once a step at most, and remembers weights that all of them find good.</summary>
    /// <param name="state">Where the training stands.</param>
    /// <returns>The state after it, and what is wrong with the weights; null when nothing is.</returns>
    public (RunState State, string? Trouble) Gauge(RunState state)
    {
        if (!Gauges.IsInUse || state.GaugedAt == state.Step)
        {
            return (state, null);
        }

        var readings = Gauges.Measure();
        state = state with { GaugedAt = state.Step };
        OverBudget = readings.FirstOrDefault(reading => reading.IsOver);
        var trouble = (OverBudget is { } over ? $"over its budget, {over}" : null) ?? (CanGoBack ? WeightTrouble() : null);
        if (trouble is not null)
        {
            return (state, trouble);
        }

        state = state with { Readings = readings };
        if (_rollbacks is not null)
        {
            return (_rollbacks.Keep(state, isSure: readings.Count > 0), null);
        }

        Tensors.Good.Keep();
        return (state, null);
    }

    /// <summary>Goes back to the last good state; null when the training has to end.</summary>
    /// <param name="state">Where the training stands.</param>
    /// <param name="trouble">Why.</param>
    /// <returns>The state to go on from, and what to tell.</returns>
    public (RunState State, string Message)? GoBack(RunState state, string trouble)
    {
        var back = _rollbacks?.GoBack(state, trouble);
        if (back is not null)
        {
            OverBudget = null;
        }

        return back;
    }

    /// <summary>What is wrong with the weights by themselves; null when all are numbers.</summary>
    public string? WeightTrouble() => Tensors.NotFinite() is { } name ? $"the weight {name} is not a finite number" : null;

    /// <summary>Frees what is kept; the step stays.</summary>
    public void Dispose()
    {
        Tensors.Dispose();
        Gauges.Dispose();
    }
}
