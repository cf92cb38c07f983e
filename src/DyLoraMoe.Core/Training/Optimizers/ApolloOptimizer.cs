using TorchSharp.Modules;

namespace DyLoraMoe.Core.Training;

/// <summary>APOLLO for the matrices of attention and feed-forward layers, AdamW for the rest (<see cref="ApolloOptions"/>).</summary>
internal sealed class ApolloOptimizer : IWeightOptimizer
{
    private static readonly string[] _blocks = [".self_attn.", ".mlp."];

    private readonly List<ApolloMatrix> _matrices = [];
    private readonly AdamWOptimizer? _rest;

    /// <param name="parameters">What it trains, by name.</param>
    /// <param name="options">Memory and decay, and <see cref="TrainingOptions.Apollo"/>.</param>
    public ApolloOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, TrainingOptions options)
    {
        var (matrices, rest) = (parameters.Where(IsMatrix).ToList(), parameters.Where(pair => !IsMatrix(pair)).ToList());
        foreach (var ((name, parameter), index) in matrices.Select((pair, index) => (pair, index)))
        {
            _matrices.Add(new ApolloMatrix(name, parameter, options, (ulong)index));
        }

        _rest = rest.Count > 0 ? new AdamWOptimizer(rest, options) : null;
        Memories = [.. _matrices.Select(matrix => matrix.Memory), .. _rest?.Memories ?? []];
    }

    /// <inheritdoc/>
    public IReadOnlyList<WeightMemory> Memories { get; }

    /// <inheritdoc/>
    public void Step(double rate)
    {
        foreach (var matrix in _matrices)
        {
            matrix.Step(rate);
        }

        _rest?.Step(rate);
    }

    /// <inheritdoc/>
    public void ForgetNorms() => _matrices.ForEach(matrix => matrix.ForgetNorms());

    /// <inheritdoc/>
    public void Dispose()
    {
        _matrices.ForEach(matrix => matrix.Dispose());
        _rest?.Dispose();
    }

    private static bool IsMatrix((string Name, Parameter Parameter) pair) =>
        pair.Parameter.dim() == 2 && Array.Exists(_blocks, block => pair.Name.Contains(block, StringComparison.Ordinal));
}
