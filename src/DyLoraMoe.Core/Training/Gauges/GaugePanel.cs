using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Training;

/// <summary>The gauges of a run, measured together.</summary>
internal sealed class GaugePanel : IDisposable
{
    /// <summary>The gauge of <see cref="TrainingOptions.Drift"/>.</summary>
    public const string AnchorDrift = "drift on the anchors";

    private readonly List<IGauge> _gauges = [];
    private readonly JsonObject _identity = [];
    private readonly Invocation _invocation;
    private readonly int? _every;

    public GaugePanel(Predictor trained, Invocation invocation, TrainingData data, TrainingOptions options)
    {
        _invocation = invocation;
        if (options.Drift is { } drift)
        {
            AddDrift(AnchorDrift, StartOf(trained), trained, drift, Required(data.Anchors, nameof(TrainingData.Anchors)));
        }

        if (options.TaskDrift is { } taskDrift)
        {
            var before = trained.Adapter is null ? StartOf(trained) : trained with { Adapter = null };
            AddDrift("drift on the new task", before, trained, taskDrift, Required(data.TaskPrompts, nameof(TrainingData.TaskPrompts)));
        }

        foreach (var canary in data.Canaries)
        {
            AddCanary(canary, trained);
        }

        if (options.StepBudget is { } budget)
        {
            var samples = Required(data.Anchors.Count > 0 ? data.Anchors : data.TaskPrompts, nameof(TrainingData.Anchors));
            Step = new StepGauge(trained, SetOf([.. samples.Take(budget.Anchors)], "anchors of steps"), budget);
        }

        _every = new int?[] { options.Drift?.CheckEvery, options.TaskDrift?.CheckEvery, data.Canaries.Count > 0 ? options.CanariesEvery : null, options.Rollback?.KeepEvery }.Min();
    }

    /// <summary>The start of the run; null when no gauge needs it.</summary>
    public StartingPoint? Start { get; private set; }

    /// <summary>The measurement of single steps; null without a budget for them.</summary>
    public StepGauge? Step { get; }

    /// <summary>Names the data of all gauges; null when there are none.</summary>
    public JsonObject? Identity => _identity.Count > 0 ? _identity : null;

    /// <summary>The canaries' losses at the start.</summary>
    public IReadOnlyList<double> Baselines
    {
        get => [.. Canaries.Select(canary => canary.Baseline)];
        set
        {
            foreach (var (canary, baseline) in Canaries.Zip(value))
            {
                canary.Baseline = baseline;
            }
        }
    }

    private IEnumerable<CanaryGauge> Canaries => _gauges.OfType<CanaryGauge>();

    /// <summary>Whether anything here asks for good states.</summary>
    public bool IsInUse => _every is not null;

    public bool IsDue(int step) => step % _every == 0;

    /// <summary>Takes the canaries' losses of a run that begins.</summary>
    public void Begin() => Baselines = [.. Canaries.Select(canary => canary.Loss())];

    public IReadOnlyList<GaugeReading> Measure() => [.. _gauges.Select(gauge => new GaugeReading(gauge.Name, gauge.Measure(), gauge.Budget))];

    public void Dispose() => Start?.Dispose();

    private Predictor StartOf(Predictor trained) => (Start ??= new StartingPoint(trained)).Predictor;

    private void AddDrift(string name, Predictor before, Predictor now, DriftBudget budget, IReadOnlyList<TokenizedSample> samples) =>
        _gauges.Add(new DriftGauge(name, before, now, SetOf(samples, name), budget));

    private void AddCanary(Canary canary, Predictor trained)
    {
        Validator.ValidateObject(canary.Budget, new ValidationContext(canary.Budget), validateAllProperties: true);
        var samples = Required(canary.Samples, $"samples of the canary '{canary.Name}'");
        _gauges.Add(new CanaryGauge(canary, trained, SetOf(samples, FormattableString.Invariant($"canary {canary.Name} within {canary.Budget.Nats:R} or {canary.Budget.Share:R}"))));
    }

    private EvaluationSet SetOf(IReadOnlyList<TokenizedSample> samples, string name)
    {
        var set = EvaluationSet.OfSamples(_invocation.Of(samples));
        _identity[name] = set.Digest();
        return set;
    }

    private static IReadOnlyList<TokenizedSample> Required(IReadOnlyList<TokenizedSample> samples, string from) =>
        samples.Count > 0 ? samples : throw new ArgumentException($"The options or the data ask for a gauge, but found no {from}. Set them in the data, or leave the gauge out.");
}
