using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// Trains a network that is formally infinite: on every axis units go on for ever, and all but those within a movable boundary do nothing.
/// The boundary moves out where training presses and in where gravity wins; units exist only where it has come, and those that have lost their
/// mass are gone. The result is an ordinary model or adapter of the sizes found. An interrupted run goes on from its newest sound checkpoint.
/// </summary>
public sealed class InfiniteRun : IDisposable
{
    private readonly InfiniteBody _body;
    private readonly TrainingOptions _options;
    private readonly InfiniteOptions _infinite;
    private readonly RunSettings _settings;
    private readonly IBatchSource _source;
    private readonly EvaluationSet _heldOut;
    private readonly RateSchedule _schedule;
    private readonly RunReporter _reporter;
    private readonly CheckpointStore? _checkpoints;
    private readonly List<UnitRow> _rows;
    private UnitField _field;
    private RunState _state;
    private List<TracePoint> _trace = [];
    private double _weightSteps;
    private long _checkpointedAt;
    private int? _resumedFrom;

    private InfiniteRun(InfiniteBody body, TrainingData data, Invocation invocation, TrainingOptions options, InfiniteOptions infinite, RunSettings? settings, JsonObject identity)
    {
        options.Validate();
        infinite.Validate();
        Refuse(options);
        (_body, _options, _infinite, _settings) = (body, options, infinite, settings ?? new RunSettings());
        (_source, _heldOut) = (data.Open(invocation, options.Batches), data.HeldOut(invocation));
        _schedule = new RateSchedule(options);
        _reporter = new RunReporter(options, _settings, _schedule);
        _checkpoints = _settings.CheckpointFolder is { } folder ? new CheckpointStore(folder, _settings.KeepCheckpoints) : null;
        identity["options"] = JsonSerializer.SerializeToNode(options);
        identity["infinite"] = JsonSerializer.SerializeToNode(infinite);
        identity["training data"] = _source.State.Fingerprint;
        identity["held-out data"] = _heldOut.Digest();
        _state = new RunState { Identity = identity, Source = _source.State };
        _rows = [.. infinite.Axes.Select(axis => UnitRow.Of(axis, body.SizeOf(axis.Axis), body.StrandsOf(axis.Axis)))];
        _field = Field();
    }

    /// <summary>The model as it is at the moment, when a model trains; the caller's once the run has ended.</summary>
    public CausalLanguageModel? Model => (_body as InfiniteModelBody)?.Model;

    /// <summary>The expert as it is at the moment, when an expert trains; the caller's once the run has ended.</summary>
    public LoraAdapter? Adapter => (_body as InfiniteExpertBody)?.Adapter;

    private bool IsSettling => _schedule.Fraction(_state.Step, _source.State.Tokens) >= 1 - _infinite.Settle;

    /// <summary>A run that finds the sizes of a whole model.</summary>
    /// <param name="model">The model to start from, in float32; the run's, which frees it when it becomes another size.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="options">Batches, rates and budget.</param>
    /// <param name="infinite">Axes and forces.</param>
    /// <param name="settings">How the run is watched and saved; the defaults when null.</param>
    /// <param name="teacher">A model whose predictions are learnt in the place of the data's own tokens; null for none.</param>
    public static InfiniteRun OfModel(
        CausalLanguageModel model, TrainingData data, TrainingOptions options, InfiniteOptions infinite, RunSettings? settings = null, Teacher? teacher = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(infinite);
        teacher?.RequireVocabulary(model);
        var identity = new JsonObject { ["weights"] = RunIdentity.Content(model), ["teacher"] = teacher?.Identity(model) };
        return new InfiniteRun(new InfiniteModelBody(model, options, teacher), data, new Invocation(null), options, infinite, settings, identity);
    }

    /// <summary>A run that finds the rank of an expert: it takes the rank it needs.</summary>
    /// <param name="backbone">The frozen model.</param>
    /// <param name="adapter">The expert to start from, in float32 and of one rank; the run's, which frees it when it becomes another rank.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="options">Batches, rates and budget.</param>
    /// <param name="infinite">The axis <see cref="UnitAxis.Rank"/> and the forces.</param>
    /// <param name="settings">How the run is watched and saved; the defaults when null.</param>
    /// <param name="teacher">An expert whose predictions are learnt in the place of the data's own tokens; null for none.</param>
    public static InfiniteRun OfExpert(
        CausalLanguageModel backbone, LoraAdapter adapter, TrainingData data, TrainingOptions options, InfiniteOptions infinite, RunSettings? settings = null, LoraAdapter? teacher = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(infinite);
        if (adapter.Layers.Values.FirstOrDefault(layer => layer.Rank != adapter.Config.Rank) is { } other)
        {
            throw new ArgumentException($"The adapter has rank {adapter.Config.Rank} and a layer of rank {other.Rank}; expected one rank, which is what is looked for.", nameof(adapter));
        }

        var identity = new JsonObject
        {
            ["weights"] = RunIdentity.Content(backbone),
            ["adapter"] = JsonSerializer.SerializeToNode(adapter.Config),
            ["adapter's start"] = RunIdentity.Content(adapter.Parameters),
            ["teacher"] = teacher is null ? null : RunIdentity.Content(teacher.Parameters),
        };
        return new InfiniteRun(new InfiniteExpertBody(backbone, adapter, options, teacher), data, new Invocation(adapter.Config), options, infinite, settings, identity);
    }

    /// <summary>Trains to the end of the budget, or until asked to stop; then the last act is a checkpoint.</summary>
    /// <param name="cancellation">Asks the run to stop. It does so after the step under way.</param>
    /// <exception cref="CheckpointMismatchException">The checkpoint folder holds another run.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradient are no longer finite.</exception>
    public InfiniteReport Run(CancellationToken cancellation = default)
    {
        if (!Resume())
        {
            random.manual_seed(_options.Seed);
            Resize();
            _field.Close();
            Note();
            _reporter.Send(ProgressKind.Started, _state);
        }

        _checkpointedAt = _settings.Time.GetTimestamp();
        var isComplete = Train(cancellation);
        _state = _reporter.Flush(_state, _body.Step);
        double? bounded = _state.Curve is [.., var last] ? last.ValidationLoss : null;
        var report = isComplete ? Complete(bounded) : Interrupt(bounded);
        Dispose();
        return report;
    }

    /// <summary>Held-out loss of what there is at the moment, in nats per token; null without held-out data.</summary>
    public double? Measure() => _heldOut.IsEmpty ? null : _body.Evaluate(_heldOut, CancellationToken.None);

    /// <summary>Removes the run's checkpoints, once its result is safe elsewhere.</summary>
    public void RemoveCheckpoints() => _checkpoints?.Clear();

    /// <summary>Frees the optimizer's memory; the model and the adapter stay.</summary>
    public void Dispose()
    {
        _field.Dispose();
        _body.Dispose();
    }

    private static void Refuse(TrainingOptions options)
    {
        var unknown = new (object? Value, string Name)[] { (options.Apollo, nameof(options.Apollo)), (options.Drift, nameof(options.Drift)), (options.TaskDrift, nameof(options.TaskDrift)), (options.Rollback, nameof(options.Rollback)), (options.StepBudget, nameof(options.StepBudget)) }
            .Where(each => each.Value is not null).Select(each => each.Name).ToList();
        if (unknown.Count > 0)
        {
            throw new ArgumentException($"{string.Join(", ", unknown)} cannot be combined with a network whose sizes change: what they remember has a size. Leave them out.", nameof(options));
        }
    }

    private InfiniteReport Complete(double? bounded)
    {
        Finish();
        var final = Measure();
        _reporter.Send(ProgressKind.Finished, _state, Sizes());
        return Report(TrainingOutcome.Completed, bounded, final);
    }

    private InfiniteReport Interrupt(double? bounded)
    {
        Checkpoint();
        _reporter.Send(ProgressKind.Interrupted, _state);
        return Report(TrainingOutcome.Interrupted, bounded, null);
    }

    // False when it was interrupted.
    private bool Train(CancellationToken cancellation)
    {
        while (true)
        {
            var isComplete = _settings.Enough.IsCancellationRequested || _schedule.Fraction(_state.Step, _source.State.Tokens) >= 1;
            if (!EvaluateWhenDue(isComplete, cancellation) || cancellation.IsCancellationRequested)
            {
                return false;
            }

            if (isComplete || _schedule.HasStalled)
            {
                return true;
            }

            TakeStep();
            if (_state.Step % _infinite.ReviewEvery == 0)
            {
                Review();
            }

            if (_checkpoints is not null && (_settings.Time.GetElapsedTime(_checkpointedAt) >= _settings.CheckpointEvery || _state.Step % _settings.CheckpointEverySteps == 0))
            {
                Checkpoint();
            }
        }
    }

    private void TakeStep()
    {
        var started = _settings.Time.GetTimestamp();
        var rate = _schedule.Rate(_state.Step, _source.State.Tokens);
        var batches = MicroBatches.Take(_source, _options.Accumulation);
        foreach (var batch in batches.Batches)
        {
            _body.Learn(batch, batches.LossTokens);
        }

        _field.BeforeStep();
        _body.Step.Apply(rate);
        if (_body.Step.GradientNorm is { } norm && !double.IsFinite(norm))
        {
            throw new TrainingDivergedException(_state.Step + 1, "The gradient");
        }

        var highest = Math.Max(_options.Seeding.Rate, _options.Consolidation.Rate);
        _state = _state with { Step = _state.Step + 1, Source = _source.State };
        _field.AfterStep(rate, rate / highest, _state.Step % _infinite.PullEvery == 0);
        _weightSteps += _body.Step.Parameters.Sum(pair => pair.Parameter.numel());
        var isReportDue = _state.Step % _settings.LogEvery == 0;
        _state = isReportDue ? _reporter.Flush(_state, _body.Step) : _state;
        _state = _reporter.Took(_state, _settings.Time.GetElapsedTime(started), rate, _body.Step.GradientNorm);
        if (isReportDue)
        {
            _reporter.Send(ProgressKind.Stepped, _state);
        }

        _schedule.AfterStep(_state.Step, _state.Source.Tokens);
    }

    private void Review()
    {
        var started = _settings.Time.GetTimestamp();
        _state = _reporter.Flush(_state, _body.Step);
        var sizes = Sizes();
        _field.Open();
        if (_infinite.Swap)
        {
            _field.Swap();
        }

        if (!IsSettling)
        {
            _field.Rekindle(SeededRandom.Key($"rekindle {_options.Seed} {_state.Step}"));
        }

        Resize();
        _field.Close();
        Note();
        _state = _reporter.Took(_state, _settings.Time.GetElapsedTime(started), _reporter.Rate, _body.Step.GradientNorm);
        if (Sizes() != sizes)
        {
            _reporter.Send(ProgressKind.Stepped, _state, $"{sizes} -> {Sizes()}");
        }
    }

    // Exact: what goes has gate zero, and what comes writes nothing.
    private void Resize()
    {
        foreach (var row in _rows)
        {
            var present = _body.SizeOf(row.Options.Axis);
            var spare = Math.Max(1, (int)Math.Ceiling(row.Boundary.Ramp));
            var wanted = Math.Max(row.Options.Least, row.Boundary.Wanted(present, spare, row.Most));
            if (wanted < present || (wanted > present && !IsSettling))
            {
                Become(row, [.. Enumerable.Range(0, Math.Min(present, wanted))], Math.Max(0, wanted - present));
            }
        }
    }

    private void Become(UnitRow row, int[] kept, int added)
    {
        _body.Resize(row.Options.Axis, kept, added, (long)(SeededRandom.Key($"units {row.Options.Axis} {_options.Seed} {_state.Step}") >> 1));
        _field.Dispose();
        _field = Field();
    }

    private UnitField Field()
    {
        foreach (var row in _rows)
        {
            row.Strands = _body.StrandsOf(row.Options.Axis);
        }

        return new UnitField(_rows, _body.Step, _infinite);
    }

    // What the gates made of the weights stays; what hardly does anything is left out.
    private void Finish()
    {
        _field.Dispose();
        foreach (var row in _rows)
        {
            row.Boundary = row.Boundary with { Position = row.Most + (double)_body.SizeOf(row.Options.Axis) };
        }

        _field.Swap();
        foreach (var row in _rows)
        {
            var kept = UnitCount.Remaining(row, _infinite.Negligible);
            if (kept.Length < _body.SizeOf(row.Options.Axis))
            {
                Become(row, kept, 0);
            }
        }
    }

    private void Note()
    {
        using var _ = no_grad();
        _trace.Add(new TracePoint(_state.Step, _source.State.Tokens, _state.SmoothedLoss, [.. _rows.Select(row => UnitCount.PointOf(row, _infinite.Negligible))]));
    }

    // False when it was interrupted.
    private bool EvaluateWhenDue(bool isComplete, CancellationToken cancellation)
    {
        if (_heldOut.IsEmpty || _state.EvaluatedAt == _state.Step || !(isComplete || _state.Step % _options.EvaluateEvery == 0))
        {
            return true;
        }

        double loss;
        try
        {
            loss = _body.Evaluate(_heldOut, cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        _state = _reporter.Flush(_state, _body.Step);
        _state = _state with
        {
            EvaluatedAt = _state.Step,
            BaselineLoss = _state.BaselineLoss ?? loss,
            BestLoss = Math.Min(loss, _state.BestLoss ?? loss),
            Curve = [.. _state.Curve, new CurvePoint(_state.Step, _state.Source.Tokens, _state.SmoothedLoss, loss, _reporter.Rate)],
        };
        _reporter.Send(ProgressKind.Evaluated, _state);
        if (_schedule.AfterEvaluation(loss, _state.Step, _state.Source.Tokens))
        {
            _reporter.Send(ProgressKind.PhaseChanged, _state, $"seeding reached a plateau after {_state.Step} steps", isPlateau: true);
        }

        return true;
    }

    private void Checkpoint()
    {
        if (_checkpoints is null)
        {
            return;
        }

        _field.Open();
        using var tensors = new RunTensors(_body.Step, start: null);
        _state = _reporter.Flush(_state, _body.Step) with
        {
            Schedule = _schedule.State,
            OptimizerSteps = tensors.OptimizerSteps,
            Random = RandomState.Capture().Bytes.ToArray(),
        };
        if (tensors.NotFinite() is { } name)
        {
            throw new TrainingDivergedException(_state.Step, $"The weight {name}");
        }

        var rows = _rows.Select(row => new RowState(row.Options.Axis, _body.SizeOf(row.Options.Axis), row.Boundary, row.Force)).ToList();
        var path = _checkpoints.Write(_state.Step, new InfiniteState(_state, rows, _trace, _field.RateSincePull, _weightSteps, _body.Windows), tensors.Write);
        _field.Close();
        _checkpointedAt = _settings.Time.GetTimestamp();
        _reporter.Send(ProgressKind.Checkpointed, _state, path);
    }

    private bool Resume()
    {
        if (_checkpoints?.NewestSound<InfiniteState>(damaged => _reporter.Send(ProgressKind.Warning, _state, damaged)) is not var (checkpoint, saved))
        {
            return false;
        }

        saved.Run.RequireSameRun(checkpoint, _state);
        Restore(checkpoint, saved);
        _reporter.Send(ProgressKind.Resumed, _state, checkpoint);
        return true;
    }

    private void Restore(string checkpoint, InfiniteState saved)
    {
        _body.SetSize(saved.Rows.ToDictionary(row => row.Axis, row => row.Present), saved.Windows);
        foreach (var (row, state) in _rows.Zip(saved.Rows))
        {
            (row.Boundary, row.Force) = (state.Boundary, state.Force);
        }

        using (var tensors = new RunTensors(_body.Step, start: null))
        {
            tensors.Read(checkpoint, saved.Run.OptimizerSteps);
        }

        _field.Dispose();
        _field = Field();
        _field.RateSincePull = saved.RateSincePull;
        _source.Restore(saved.Run.Source);
        _schedule.Restore(saved.Run.Schedule);
        RandomState.From(saved.Run.Random).Restore();
        (_state, _trace, _weightSteps, _resumedFrom) = (saved.Run, [.. saved.Trace], saved.WeightSteps, saved.Run.Step);
        _field.Close();
    }

    private string Sizes() => string.Join(", ", _rows.Select(row => $"{row.Options.Axis} {_body.SizeOf(row.Options.Axis)}"));

    private InfiniteReport Report(TrainingOutcome outcome, double? bounded, double? final) => new()
    {
        Outcome = outcome,
        Steps = _state.Step,
        Tokens = _source.State.Tokens,
        Sizes = _rows.ToDictionary(row => row.Options.Axis, row => _body.SizeOf(row.Options.Axis)),
        BaselineLoss = _state.BaselineLoss,
        BoundedLoss = bounded,
        FinalLoss = final,
        TrainingLoss = _state.SmoothedLoss,
        WeightSteps = _weightSteps,
        ResumedFrom = _resumedFrom,
        TrainingSeconds = _state.TrainingSeconds,
        Curve = _state.Curve,
        Trace = _trace,
    };
}
