using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>The temporal scale of a run, with what the trainer has for it: a budget for each step, gauges of what was learnt before, and the way back to the last good weights.</summary>
internal sealed class TrialGuard : IDisposable
{
    private const int CheckEvery = 16;

    // Runs here have a tenth of the steps that the trainer's default is for.
    private const int RecoverySteps = 10;

    // Of the loss of each family that was learnt before.
    private const double ToleratedRise = 0.05;

    private readonly TrainingStep _step;
    private readonly StepGuard _guard;
    private RunState _state = new() { Identity = [], Source = new BatchSourceState { Fingerprint = string.Empty } };

    /// <summary>A guard of a run that begins; the step stays the caller's.</summary>
    /// <param name="step">What trains.</param>
    /// <param name="examinee">What is trained.</param>
    /// <param name="earlier">Documents of what was learnt before, by family; none is trained on or a test.</param>
    /// <param name="options">Shape of the training.</param>
    public TrialGuard(TrainingStep step, Examinee examinee, IReadOnlyDictionary<string, List<TokenizedSample>> earlier, TrainingOptions options)
    {
        _step = step;
        var data = TrainingData.OfSamples([], []) with
        {
            Anchors = [.. earlier.Values.SelectMany(samples => samples)],
            Canaries = [.. earlier.Select(family => new Canary(family.Key, family.Value, new RegressionBudget { Share = ToleratedRise }))],
        };
        _guard = new StepGuard(step, new Predictor(examinee.Model, examinee.Adapter), Invocation.Unchanged, data, options with
        {
            StepBudget = new StepBudget(),
            Drift = new DriftBudget { CheckEvery = CheckEvery },
            CanariesEvery = CheckEvery,
            Rollback = new RollbackOptions { MaxRollbacks = int.MaxValue, KeepEvery = CheckEvery, RecoverySteps = RecoverySteps },
        });
        _guard.Gauges.Begin();
        Check();
    }

    /// <summary>How often it has gone back.</summary>
    public int Rollbacks => _state.Rollbacks;

    /// <summary>Takes a step, or goes back.</summary>
    /// <param name="batches">The step's batches.</param>
    /// <param name="rate">The rate that the schedule asks for.</param>
    public void Take(MicroBatches batches, double rate)
    {
        (_state, var trouble) = _guard.Take(_state, _guard.Rate(_state, rate), () => Learn(batches), _ => { });
        _state = _state with { Step = _state.Step + 1 };
        GoBackFrom(trouble ?? (_step.GradientNorm is { } norm && !double.IsFinite(norm) ? "the gradient is not a finite number" : null));
        if (_guard.Gauges.IsDue(_state.Step))
        {
            Check();
        }
    }

    /// <summary>Measures the gauges, and goes back where one is over its budget.</summary>
    public void Check()
    {
        (_state, var trouble) = _guard.Gauge(_state);
        GoBackFrom(trouble);
    }

    /// <summary>Begins anew, as another training would: what is good now is where trouble leads back to, and neither losses nor rates of before count.</summary>
    public void BeginAnew()
    {
        Check();
        _state = _state with { Watch = new(), RateFactor = 1, StepSensitivity = null, IsKeepDue = false, Good = null, GaugedAt = null };
        Check();
    }

    /// <summary>Frees what is kept.</summary>
    public void Dispose() => _guard.Dispose();

    private void Learn(MicroBatches batches)
    {
        foreach (var batch in batches.Batches)
        {
            _step.Accumulate(batch, batches.LossTokens);
        }
    }

    private void GoBackFrom(string? trouble)
    {
        if (trouble is not null && _guard.GoBack(_state, trouble) is { } back)
        {
            _state = back.State;
        }
    }
}
