using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Training;

/// <summary>The gauges of a run, measured together.</summary>
internal sealed class GaugePanel : IDisposable
{
    /// <summary>The gauge of <see cref="TrainingOptions.Drift"/>.</summary>
    public const string AnchorDrift = "drift on the anchors";

    private readonly List<IGauge> _gauges = [];
    private readonly int? _every;

    public GaugePanel(CausalLanguageModel model, LoraAdapter? adapter, Invocation invocation, TrainingData data, TrainingOptions options)
    {
        var identity = new JsonObject();
        AddDrift(AnchorDrift, options.Drift, data.Anchors, nameof(TrainingData.Anchors));
        AddDrift("drift on the new task", options.TaskDrift, data.TaskPrompts, nameof(TrainingData.TaskPrompts));
        AddCanaries();
        Step = options.StepBudget is { } budget ? new StepGauge(model, adapter, StepAnchors(budget.Anchors), budget) : null;
        _every = new int?[] { options.Drift?.CheckEvery, options.TaskDrift?.CheckEvery, data.Canaries.Count > 0 ? options.CanariesEvery : null, options.Rollback?.KeepEvery }.Min();
        Identity = identity.Count > 0 ? identity : null;

        EvaluationSet StepAnchors(int count)
        {
            var samples = data.Anchors.Count > 0 ? data.Anchors : data.TaskPrompts;
            return Set([.. Required(samples, nameof(TrainingData.Anchors)).Take(count)], "anchors of steps");
        }

        void AddDrift(string name, DriftBudget? budget, IReadOnlyList<TokenizedSample> samples, string from)
        {
            if (budget is not null)
            {
                var set = Set(Required(samples, from), name);
                Start ??= new StartingPoint(model, adapter);
                _gauges.Add(new DriftGauge(name, Start, set, budget));
            }
        }

        void AddCanaries()
        {
            var evaluator = new LanguageModelEvaluator(model);
            foreach (var canary in data.Canaries)
            {
                if (!(canary.MaxRise > 0))
                {
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The canary '{canary.Name}' may rise by {canary.MaxRise}, expected more than 0 nats per token."));
                }

                _gauges.Add(new CanaryGauge(canary, evaluator, adapter, Set(Required(canary.Samples, $"samples of the canary '{canary.Name}'"), FormattableString.Invariant($"canary {canary.Name} within {canary.MaxRise:R}"))));
            }
        }

        EvaluationSet Set(IReadOnlyList<TokenizedSample> samples, string name)
        {
            var set = EvaluationSet.OfSamples(invocation.Of(samples));
            identity[name] = set.Digest();
            return set;
        }
    }

    /// <summary>The start of the run; null when no gauge needs it.</summary>
    public StartingPoint? Start { get; private set; }

    /// <summary>The measurement of single steps; null without a budget for them.</summary>
    public StepGauge? Step { get; }

    /// <summary>Names the data of all gauges; null when there are none.</summary>
    public JsonObject? Identity { get; }

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

    private static IReadOnlyList<TokenizedSample> Required(IReadOnlyList<TokenizedSample> samples, string from) =>
        samples.Count > 0 ? samples : throw new ArgumentException($"The options or the data ask for a gauge, but found no {from}. Set them in the data, or leave the gauge out.");
}
