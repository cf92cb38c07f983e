using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Training;

/// <summary>By how much an earlier skill's held-out loss has risen since the start.</summary>
internal sealed class CanaryGauge(Canary canary, LanguageModelEvaluator evaluator, LoraAdapter? adapter, EvaluationSet samples) : IGauge
{
    public string Name { get; } = $"the rise of the canary '{canary.Name}'";

    public double Budget => canary.MaxRise;

    /// <summary>The loss at the start.</summary>
    public double Baseline { get; set; }

    /// <summary>The loss now.</summary>
    public double Loss() => evaluator.Evaluate(samples, adapter).Loss;

    public double Measure() => Loss() - Baseline;
}
