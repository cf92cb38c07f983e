using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Testing;

/// <summary>Random weights on <see cref="TestDevice.Current"/>, large enough that every part of a tiny model shows in its logits: norm gains and biases are random too.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="seed">Seed of the weights.</param>
public sealed class LoudWeights(ModelConfig config, long seed) : IWeightSource, IDisposable
{
    private readonly Generator _generator = new((ulong)seed, CPU);

    /// <inheritdoc/>
    public Tensor Take(string path, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var values = randn(shape, generator: _generator) * (shape.Length == 1 ? 0.1 : 0.3);
        var isGain = shape.Length == 1 && path.EndsWith(".weight", StringComparison.Ordinal);
        return (isGain ? values + (1 - config.NormGainOffset) : values).to(TestDevice.Current).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the generator.</summary>
    public void Dispose() => _generator.Dispose();
}
