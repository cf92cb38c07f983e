using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Training;

/// <summary>By how much an earlier skill's held-out loss has risen since the start.</summary>
internal sealed class CanaryGauge(Canary canary, Predictor trained, EvaluationSet samples) : IGauge
{
    private readonly LanguageModelEvaluator _evaluator = new(trained.Model);

    public string Name { get; } = $"the rise of the canary '{canary.Name}'";

    public double Budget => canary.Budget.Rise(Baseline);

    /// <summary>The loss at the start.</summary>
    public double Baseline { get; set; }

    /// <summary>The loss now.</summary>
    public double Loss() => _evaluator.Evaluate(samples, trained.Adapter).Loss;

    public double Measure() => Loss() - Baseline;
}
