using DyLoraMoe.Core.Evaluation;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>Measures KL(before || after) of single steps, and tells the rate that keeps it within the budget.</summary>
/// <remarks>Shapes: N targets, V vocabulary.</remarks>
internal sealed class StepGauge(Predictor trained, EvaluationSet anchors, StepBudget budget)
{
    // Half of the budget: steps at one rate differ, and most should be within it.
    private const double Aim = 0.5;

    // How much of an earlier, larger measurement stays.
    private const double Memory = 0.7;

    public bool IsDue(int step) => step % budget.CheckEvery == 0;

    /// <summary>The greatest rate within the budget.</summary>
    /// <param name="sensitivity">Nats per squared rate; null while unknown.</param>
    public double MostRate(double? sensitivity) => sensitivity is > 0 ? Math.Sqrt(Aim * budget.MaxNats / sensitivity.Value) : double.PositiveInfinity;

    /// <summary>Takes a step and measures it.</summary>
    /// <param name="sensitivity">Nats per squared rate so far; null while unknown.</param>
    /// <param name="rate">The step's rate.</param>
    /// <param name="take">Takes the step.</param>
    /// <returns>The sensitivity from now on.</returns>
    public double? Measure(double? sensitivity, double rate, Action take)
    {
        var before = Distributions();
        take();
        var after = Distributions();
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var nats = before.Zip(after, Predictor.Divergence).Sum() / before.Sum(part => (double)part.shape[0]);
        foreach (var part in before.Concat(after))
        {
            part.Dispose();
        }

        return double.IsFinite(nats) && rate > 0 ? Math.Max(nats / (rate * rate), (Memory * sensitivity) ?? 0) : sensitivity;
    }

    private List<Tensor> Distributions()
    {
        using var _ = no_grad();
        var parts = new List<Tensor>();
        foreach (var batch in anchors.Batches(new EvaluationOptions()))
        {
            using var scope = NewDisposeScope();
            parts.Add(trained.Distributions(BatchTensors.From(batch.Batch, trained.Model.Device)).DetachFromDisposeScope());   // (N, V)
        }

        return parts;
    }
}
