using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>How weights follow their gradients.</summary>
internal interface IWeightOptimizer : IDisposable
{
    /// <summary>What is remembered of each weight that trains, in a fixed order. Its tensors are the optimizer's own, so that writing to them restores it.</summary>
    IReadOnlyList<WeightMemory> Memories { get; }

    /// <summary>Updates all weights that have a gradient.</summary>
    /// <param name="rate">The rate, absolute.</param>
    void Step(double rate);

    /// <summary>Limits that follow from earlier steps begin anew: the next gradients are of another kind.</summary>
    void ForgetNorms();
}

/// <summary>What an optimizer remembers of one weight.</summary>
/// <param name="Name">The weight's name.</param>
/// <param name="Tensors">The tensors, by what they are, in a fixed order and of fixed shapes.</param>
/// <param name="GetSteps">Steps that the weight has taken.</param>
/// <param name="SetSteps">Sets them.</param>
internal sealed record WeightMemory(string Name, IReadOnlyList<(string Part, Tensor Tensor)> Tensors, Func<long> GetSteps, Action<long> SetSteps)
{
    /// <summary>Steps that the weight has taken.</summary>
    public long Steps
    {
        get => GetSteps();
        set => SetSteps(value);
    }
}
