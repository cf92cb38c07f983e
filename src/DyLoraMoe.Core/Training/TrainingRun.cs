using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training.Distillation;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// Trains a whole model, alone or after a teacher, or one adapter on a frozen backbone, in two phases of absolute rates. An interrupted run goes on from its
/// newest sound checkpoint, on a CPU with the very bits it would have had. The result is left in the model or adapter.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private readonly CausalLanguageModel _model;
    private readonly LoraAdapter? _adapter;
    private readonly Teacher? _teacher;
    private readonly TrainingOptions _options;
    private readonly RunSettings _settings;
    private readonly TrainingData _data;
    private readonly IBatchSource _source;
    private readonly EvaluationSet _heldOut;
    private readonly LanguageModelEvaluator _evaluator;
    private readonly TrainingStep _step;
    private readonly StepGuard _guard;
    private readonly RateSchedule _schedule;
    private readonly RunReporter _reporter;
    private readonly CheckpointStore? _checkpoints;
    private readonly RunHandover? _after;
    private RunState _state;
    private long _checkpointedAt;
    private int? _resumedFrom;

    private TrainingRun(CausalLanguageModel model, LoraAdapter? adapter, TrainingData data, TrainingOptions options, RunSettings? settings, RunHandover? after = null, Teacher? teacher = null)
    {
        options.Validate();
        (_model, _adapter, _teacher, _data, _options, _settings, _after) = (model, adapter, teacher, data, options, settings ?? new RunSettings(), after);
        var invocation = new Invocation(adapter?.Config);
        _source = data.Open(invocation, options.Batches);
        _heldOut = data.HeldOut(invocation);
        _evaluator = new LanguageModelEvaluator(model, new EvaluationOptions { WindowLength = options.Context });
        _step = adapter is null ? TrainingStep.OfModel(model, options) : TrainingStep.OfExpert(model, adapter, options, _settings.Contexts);
        _guard = new StepGuard(_step, new Predictor(model, adapter), invocation, data, options);
        _schedule = new RateSchedule(options);
        _reporter = new RunReporter(options, _settings, _schedule);
        _checkpoints = _settings.CheckpointFolder is { } folder ? new CheckpointStore(folder, _settings.KeepCheckpoints) : null;
        _state = new RunState
        {
            Identity = RunIdentity.Of(model, adapter, teacher, _step, options, _source.State.Fingerprint, _heldOut.Digest(), _guard.Gauges.Identity),
            Source = _source.State,
        };
    }

    /// <summary>A run that trains every weight of <paramref name="model"/>.</summary>
    /// <param name="model">The model, in float32; becomes trainable and changes.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="options">What decides the result.</param>
    /// <param name="settings">How the run is watched and saved; the defaults when null.</param>
    public static TrainingRun OfModel(CausalLanguageModel model, TrainingData data, TrainingOptions options, RunSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        return new TrainingRun(model, null, data, options, settings);
    }

    /// <summary>A run that trains every weight of <paramref name="student"/> to predict what a teacher does. Held-out text is judged by its own tokens.</summary>
    /// <param name="student">The model, in float32, with at least the teacher's vocabulary; becomes trainable and changes.</param>
    /// <param name="teacher">What it learns from, and when data take over.</param>
    /// <param name="data">What both read. Where data take over, a <see cref="HandoverSource"/> with the teacher's handover.</param>
    /// <param name="options">What decides the result.</param>
    /// <param name="settings">How the run is watched and saved; the defaults when null.</param>
    public static TrainingRun OfStudent(CausalLanguageModel student, Teacher teacher, TrainingData data, TrainingOptions options, RunSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        teacher.RequireVocabulary(student);
        return new TrainingRun(student, null, data, options, settings, teacher: teacher);
    }

    /// <summary>A run that trains <paramref name="adapter"/> and leaves the backbone as it is.</summary>
    /// <param name="backbone">The frozen model, in <see cref="TrainingOptions.Backbone"/>'s type.</param>
    /// <param name="adapter">The adapter, in float32; changes.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="options">What decides the result.</param>
    /// <param name="settings">How the run is watched and saved; the defaults when null.</param>
    /// <param name="after">What the run that left the adapter as it is hands over, on the same data; null for a run that begins anew. Stays the caller's.</param>
    public static TrainingRun OfExpert(
        CausalLanguageModel backbone, LoraAdapter adapter, TrainingData data, TrainingOptions options, RunSettings? settings = null, RunHandover? after = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        if (backbone.DataType != options.Backbone)
        {
            throw new ArgumentException($"The backbone is {backbone.DataType}, expected {options.Backbone} by the options; load it in that type, or set Backbone.", nameof(backbone));
        }

        return new TrainingRun(backbone, adapter, data, options, settings, after);
    }

    /// <summary>What a run that goes on from here needs besides the weights. Call it after <see cref="Run"/>, on a run that keeps its last weights.</summary>
    /// <returns>A copy; the caller's.</returns>
    public RunHandover HandOver() => new(Tensors.CopyMoments(), Tensors.OptimizerSteps, _source.State);

    /// <summary>Trains to the end, or until asked to stop; then the last act is a checkpoint.</summary>
    /// <param name="cancellation">Asks the run to stop. It does so after the step under way.</param>
    /// <exception cref="CheckpointMismatchException">The checkpoint folder holds another run.</exception>
    /// <exception cref="TrainingDivergedException">Loss, gradient or weights are no longer finite.</exception>
    public TrainingReport Run(CancellationToken cancellation = default)
    {
        _reporter.Begin(_heldOut.IsEmpty ? "no held-out data: seeding ends by its budget alone, and the last weights are kept" : null);
        if (!Resume())
        {
            random.manual_seed(_options.Seed);
            TakeOver();
            _guard.Gauges.Begin();
            _state = _state with { CanaryLosses = _guard.Gauges.Baselines };
            _reporter.Send(ProgressKind.Started, _state);
        }

        _checkpointedAt = _settings.Time.GetTimestamp();
        var outcome = Train(cancellation);
        if (outcome == TrainingOutcome.Interrupted)
        {
            Checkpoint();
        }
        else if (!(_options.KeepBest && Tensors.Best.Return()) && outcome is TrainingOutcome.Drifted or TrainingOutcome.Unstable)
        {
            Tensors.Good.Return();
        }

        _state = _reporter.Flush(_state, _step);
        _reporter.Send(outcome == TrainingOutcome.Interrupted ? ProgressKind.Interrupted : ProgressKind.Finished, _state);
        return Report(outcome);
    }

    /// <summary>Removes the run's checkpoints, once its result is safe elsewhere.</summary>
    public void RemoveCheckpoints() => _checkpoints?.Clear();

    /// <summary>Frees the optimizer's memory; the model and the adapter stay.</summary>
    public void Dispose()
    {
        _guard.Dispose();
        _step.Dispose();
    }

    private RunTensors Tensors => _guard.Tensors;

    private TrainingOutcome Train(CancellationToken cancellation)
    {
        while (true)
        {
            var isComplete = _settings.Enough.IsCancellationRequested || _schedule.Fraction(_state.Step, _source.State.Tokens) >= 1;
            if (Gauge(isComplete) is { } over && !GoOn(over))
            {
                return _guard.CanGoBack ? TrainingOutcome.Unstable : TrainingOutcome.Drifted;
            }

            if (!EvaluateWhenDue(isComplete, cancellation))
            {
                return TrainingOutcome.Interrupted;
            }

            if (isComplete || _schedule.HasStalled)
            {
                return isComplete ? TrainingOutcome.Completed : TrainingOutcome.Stopped;
            }

            if (cancellation.IsCancellationRequested)
            {
                return TrainingOutcome.Interrupted;
            }

            if (TakeStep() is { } trouble && !GoOn(trouble))
            {
                return TrainingOutcome.Unstable;
            }

            if (IsCheckpointDue())
            {
                Checkpoint();
            }
        }
    }

    private void TakeOver()
    {
        if (_after is not null)
        {
            Tensors.TakeMoments(_after.Moments, _after.OptimizerSteps);
            _step.ForgetNorms();
            _source.Restore(_after.Source with { Batches = 0, Tokens = 0, LossTokens = 0, Samples = 0 });
            _state = _state with { Source = _source.State };
        }
    }

    // What is wrong with it, where the run can roll back.
    private string? TakeStep()
    {
        var started = _settings.Time.GetTimestamp();
        var rate = _guard.Rate(_state, _schedule.Rate(_state.Step, _source.State.Tokens));
        var first = _source.State.Batches;
        var batches = MicroBatches.Take(_source, _options.Accumulation);
        (_state, var trouble) = _guard.Take(_state, rate, () => Learn(batches, first), _reporter.Observe);
        _state = _state with { Step = _state.Step + 1, Source = _source.State };
        if (_step.GradientNorm is { } norm && !double.IsFinite(norm))
        {
            trouble ??= _guard.CanGoBack ? "the gradient is not a finite number" : throw new TrainingDivergedException(_state.Step, "The gradient");
        }

        if (_guard.CanGoBack && IsCheckpointDue())
        {
            trouble ??= _guard.WeightTrouble();
        }

        var isReportDue = _state.Step % _settings.LogEvery == 0;
        if (isReportDue)
        {
            _state = _reporter.Flush(_state, _step);
        }

        _state = _reporter.Took(_state, _settings.Time.GetElapsedTime(started), rate, _step.GradientNorm);
        if (isReportDue)
        {
            _reporter.Send(ProgressKind.Stepped, _state);
        }

        if (_schedule.AfterStep(_state.Step, _state.Source.Tokens))
        {
            _reporter.Send(ProgressKind.PhaseChanged, _state, $"seeding used up its budget after {_state.Step} steps");
        }

        return trouble;
    }

    private void Learn(MicroBatches batches, long first)
    {
        foreach (var (at, batch) in batches.Batches.Index())
        {
            if (_teacher is null || _teacher.Handover.IsData(first + at))
            {
                _step.Accumulate(batch, batches.LossTokens);
            }
            else
            {
                _step.Distil(batch, _teacher, batches.LossTokens);
            }
        }
    }

    // False when the run has to end.
    private bool GoOn(string trouble)
    {
        if (_guard.GoBack(_state, trouble) is { } back)
        {
            _state = back.State;
            _reporter.Send(ProgressKind.RolledBack, _state, back.Message);
            return true;
        }

        _reporter.Send(ProgressKind.Warning, _state, $"{trouble}; training ends with the last good weights");
        return false;
    }

    // What is wrong with the weights; null when nothing is, or when it is not due.
    private string? Gauge(bool isComplete)
    {
        if (!isComplete && !_guard.Gauges.IsDue(_state.Step) && !IsEvaluationDue(isComplete))
        {
            return null;
        }

        (_state, var trouble) = _guard.Gauge(_state);
        return trouble;
    }

    private bool IsEvaluationDue(bool isComplete) =>
        !_heldOut.IsEmpty && _state.EvaluatedAt != _state.Step && (isComplete || _state.Step % _options.EvaluateEvery == 0);

    // False when it was interrupted.
    private bool EvaluateWhenDue(bool isComplete, CancellationToken cancellation)
    {
        if (!IsEvaluationDue(isComplete))
        {
            return true;
        }

        double loss;
        try
        {
            loss = _evaluator.Evaluate(_heldOut, _adapter, cancellation).Loss;
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        _state = _reporter.Flush(_state, _step);
        var isBest = _state.BestLoss is not { } best || loss < best;
        if (isBest && _options.KeepBest)
        {
            Tensors.Best.Keep();
        }

        _state = _state with
        {
            EvaluatedAt = _state.Step,
            BaselineLoss = _state.BaselineLoss ?? loss,
            BestLoss = isBest ? loss : _state.BestLoss,
            BestStep = isBest ? _state.Step : _state.BestStep,
            BestReadings = isBest ? _state.Readings : _state.BestReadings,
            Curve = [.. _state.Curve, new CurvePoint(_state.Step, _state.Source.Tokens, _state.SmoothedLoss, loss, _reporter.Rate)],
        };
        _reporter.Send(ProgressKind.Evaluated, _state);
        if (_schedule.AfterEvaluation(loss, _state.Step, _state.Source.Tokens))
        {
            _reporter.Send(ProgressKind.PhaseChanged, _state, $"seeding reached a plateau after {_state.Step} steps", isPlateau: true);
        }

        return true;
    }

    private bool IsCheckpointDue() => _checkpoints is not null
        && (_settings.Time.GetElapsedTime(_checkpointedAt) >= _settings.CheckpointEvery || _state.Step % _settings.CheckpointEverySteps == 0);

    private void Checkpoint()
    {
        if (_checkpoints is null)
        {
            return;
        }

        _state = _reporter.Flush(_state, _step) with
        {
            Schedule = _schedule.State,
            OptimizerSteps = Tensors.OptimizerSteps,
            Random = RandomState.Capture().Bytes.ToArray(),
        };
        if (Tensors.NotFinite() is { } name)
        {
            throw new TrainingDivergedException(_state.Step, $"The weight {name}");
        }

        var path = _checkpoints.Write(_state.Step, _state, Tensors.Write);
        _checkpointedAt = _settings.Time.GetTimestamp();
        _reporter.Send(ProgressKind.Checkpointed, _state, path);
    }

    private bool Resume()
    {
        if (_checkpoints?.NewestSound<RunState>(damaged => _reporter.Send(ProgressKind.Warning, _state, damaged)) is not var (checkpoint, saved))
        {
            return false;
        }

        saved.RequireSameRun(checkpoint, _state);
        Tensors.Read(checkpoint, saved.OptimizerSteps);
        _source.Restore(saved.Source);
        _schedule.Restore(saved.Schedule);
        _guard.Gauges.Baselines = saved.CanaryLosses;
        RandomState.From(saved.Random).Restore();
        (_state, _resumedFrom) = (saved, saved.Step);
        _reporter.Send(ProgressKind.Resumed, _state, checkpoint);
        return true;
    }

    private TrainingReport Report(TrainingOutcome outcome) => new()
    {
        Outcome = outcome,
        Steps = _state.Step,
        SeedingSteps = _schedule.State.Phase == TrainingPhase.Seeding ? _state.Step : _schedule.State.SeedingSteps,
        Tokens = _state.Source.Tokens,
        LossTokens = _state.Source.LossTokens,
        Samples = _state.Source.Samples,
        Epochs = _source.EpochsSeen,
        BaselineLoss = _state.BaselineLoss,
        FinalLoss = _options.KeepBest && outcome != TrainingOutcome.Interrupted ? _state.BestLoss : _state.Curve is [.., var last] ? last.ValidationLoss : null,
        BestLoss = _state.BestLoss,
        BestStep = _state.BestStep,
        Gauges = _options.KeepBest && outcome != TrainingOutcome.Interrupted && _state.BestLoss is not null ? _state.BestReadings : _state.Readings,
        OverBudget = _guard.OverBudget,
        Rollbacks = _state.Rollbacks,
        TrainingLoss = _state.SmoothedLoss,
        Curve = _state.Curve,
        ResumedFrom = _resumedFrom,
        TrainingSeconds = _state.TrainingSeconds,
        Tokenized = _data.Tokenized,
    };
}
