using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Training;

/// <summary>KL(before || now) on samples: on anchors, what must not change has changed; on prompts of the new task it foretells forgetting.</summary>
internal sealed class DriftGauge(string name, Predictor before, Predictor now, EvaluationSet samples, DriftBudget budget) : IGauge
{
    public string Name => name;

    public double Budget => budget.MaxNats;

    public double Measure() => before.Divergence(now, samples);
}
