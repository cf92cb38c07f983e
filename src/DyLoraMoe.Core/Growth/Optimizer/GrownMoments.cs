using DyLoraMoe.Core.Training;
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
        return new(Memories(step).ToDictionary(
            pair => pair.Key,
            pair => (MomentsOf(pair.Value).Mean.clone().DetachFromDisposeScope(), MomentsOf(pair.Value).Square.clone().DetachFromDisposeScope(), pair.Value.Steps),
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

    /// <summary>The same where some units of every weight stay and new ones follow, as when an expert's rank changes.</summary>
    /// <param name="axisOf">Which axis of a weight the units share out.</param>
    /// <param name="kept">The units that stay.</param>
    /// <param name="added">How many are new.</param>
    /// <returns>The moments; the caller's.</returns>
    internal GrownMoments WithUnits(Func<string, int> axisOf, int[] kept, int added)
    {
        using var _ = no_grad();
        return new(_moments.ToDictionary(
            pair => pair.Key,
            pair => (Resized(pair.Value.Mean, axisOf(pair.Key)), Resized(pair.Value.Square, axisOf(pair.Key)), pair.Value.Steps),
            StringComparer.Ordinal));

        Tensor Resized(Tensor moment, int axis)
        {
            using var scope = NewDisposeScope();
            var map = AxisMap.Keep((int)moment.shape[axis], [.. kept, .. Enumerable.Repeat(AxisMap.None, added)]);
            var shape = moment.shape;
            shape[axis] = added;
            return TensorGrowth.Extended(moment, axis, map, zeros(shape, moment.dtype, moment.device)).DetachFromDisposeScope();
        }
    }

    /// <summary>Gives the memory to an optimizer.</summary>
    /// <param name="step">The training of the model whose moments these are.</param>
    public void Into(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var _ = no_grad();
        foreach (var (name, memory) in Memories(step))
        {
            var (mean, square, steps) = _moments[name];
            MomentsOf(memory).Mean.copy_(mean);
            MomentsOf(memory).Square.copy_(square);
            memory.Steps = steps;
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

    /// <summary>AdamW's memory of a training, by the weights' names.</summary>
    /// <exception cref="GrowthRefusedException">It is trained by APOLLO, whose moments are of a projection of the smaller weights.</exception>
    internal static IReadOnlyDictionary<string, WeightMemory> Memories(TrainingStep step) => step.Optimizer is AdamWOptimizer adam
        ? adam.Memories.ToDictionary(memory => memory.Name, StringComparer.Ordinal)
        : throw new GrowthRefusedException("The moments of APOLLO are of a random projection of the weights, which have another size after growth: begin the training of the grown model without them, or train with AdamW.");

    /// <summary>The mean of a weight's gradient and of its square.</summary>
    internal static (Tensor Mean, Tensor Square) MomentsOf(WeightMemory memory) => (memory.Tensors[0].Tensor, memory.Tensors[1].Tensor);
}
