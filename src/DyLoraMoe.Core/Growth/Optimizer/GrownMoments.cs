using DyLoraMoe.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Optimizer;

/// <summary>
/// AdamW's memory of a model in training, to go on with after growth: old entries keep the mean of their gradient and of its square,
/// new ones have none. An entry that is scaled by c has a gradient smaller by c; copies share theirs.
/// </summary>
public sealed class GrownMoments : IDisposable
{
    private readonly Dictionary<string, (Tensor Mean, Tensor Square, long Steps)> _moments;

    private GrownMoments(Dictionary<string, (Tensor Mean, Tensor Square, long Steps)> moments) => _moments = moments;

    /// <summary>Takes a copy of what the optimizer remembers.</summary>
    /// <param name="step">The training of the model before growth.</param>
    public static GrownMoments Of(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var _ = no_grad();
        return new(States(step).ToDictionary(
            pair => pair.Name,
            pair => (pair.State.exp_avg.clone().DetachFromDisposeScope(), pair.State.exp_avg_sq.clone().DetachFromDisposeScope(), pair.State.step),
            StringComparer.Ordinal));
    }

    /// <summary>The same for the grown model.</summary>
    /// <param name="plan">How it grew.</param>
    /// <returns>The moments by the grown model's names; the caller's. Wholly new weights count their steps from zero.</returns>
    public GrownMoments Carried(GrowthPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new(WeightLayout.Of(plan.After).ToDictionary(
            weight => weight.Name,
            weight => (
                plan.Carried(weight.Name, name => _moments[name].Mean, power: 1).DetachFromDisposeScope(),
                plan.Carried(weight.Name, name => _moments[name].Square, power: 2).DetachFromDisposeScope(),
                plan.IsInserted(weight.Name) ? 0 : _moments[plan.Origin(weight.Name)].Steps),
            StringComparer.Ordinal));
    }

    /// <summary>Gives the memory to an optimizer.</summary>
    /// <param name="step">The training of the model whose moments these are.</param>
    public void Into(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var _ = no_grad();
        foreach (var (name, state) in States(step))
        {
            var (mean, square, steps) = _moments[name];
            state.exp_avg.copy_(mean);
            state.exp_avg_sq.copy_(square);
            state.step = steps;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (mean, square, _) in _moments.Values)
        {
            mean.Dispose();
            square.Dispose();
        }
    }

    // TorchSharp hands out its live state objects in the order of groups and their parameters.
    internal static IEnumerable<(string Name, AdamW.State State)> States(TrainingStep step)
    {
        var names = step.Parameters.ToDictionary(pair => pair.Parameter.Handle, pair => pair.Name);
        return step.Optimizer.parameters().Zip(step.Optimizer.state_dict().State, (parameter, state) => (names[parameter.Handle], (AdamW.State)state));
    }
}
