using TorchSharp.Modules;

namespace DyLoraMoe.Core.Training;

/// <summary>AdamW (<see href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter</see>). Decay is for matrices; on norms and biases it only costs accuracy.</summary>
internal sealed class AdamWOptimizer : IWeightOptimizer
{
    private readonly AdamW.ParamGroup[] _groups;
    private readonly AdamW _optimizer;

    /// <param name="parameters">What it trains, by name; at least one.</param>
    /// <param name="options">Memory, guard and decay.</param>
    public AdamWOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, TrainingOptions options)
    {
        _groups = [.. parameters.GroupBy(pair => pair.Parameter.dim() > 1).Select(group => Group(group.Select(pair => pair.Parameter), group.Key ? options.WeightDecay : 0))];
        _optimizer = new AdamW(_groups, beta1: options.Beta1, beta2: options.Beta2, eps: options.Epsilon);

        // TorchSharp hands out its live state objects in the order of groups and their parameters.
        var names = parameters.ToDictionary(pair => pair.Parameter.Handle, pair => pair.Name);
        Memories = [.. _optimizer.parameters().Zip(_optimizer.state_dict().State, (parameter, state) => MemoryOf(names[parameter.Handle], (AdamW.State)state))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<WeightMemory> Memories { get; }

    /// <inheritdoc/>
    public void Step(double rate)
    {
        foreach (var group in _groups)
        {
            group.LearningRate = rate;
        }

        _optimizer.step();
    }

    /// <inheritdoc/>
    public void ForgetNorms()
    {
        // It has none.
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private static WeightMemory MemoryOf(string name, AdamW.State state) =>
        new(name, [("exp_avg", state.exp_avg), ("exp_avg_sq", state.exp_avg_sq)], () => state.step, steps => state.step = steps);

    private static AdamW.ParamGroup Group(IEnumerable<Parameter> parameters, double decay) => new([.. parameters], new AdamW.Options { weight_decay = decay, LearningRate = 0 });
}
