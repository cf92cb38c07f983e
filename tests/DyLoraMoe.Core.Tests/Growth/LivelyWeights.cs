using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

/// <summary>
/// Random weights that keep activations at about one, as trained ones do, so that rounding is not blown up from layer to layer and a
/// difference of 1e-5 means something. Gains and biases are random too.
/// </summary>
internal sealed class LivelyWeights(ModelConfig config, long seed) : IWeightSource, IDisposable
{
    private readonly Generator _generator = new((ulong)seed, CPU);

    public Tensor Take(string path, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var values = randn(shape, generator: _generator) * (shape.Length == 1 ? 0.1 : 1 / Math.Sqrt(shape[1]));
        var isGain = shape.Length == 1 && path.EndsWith(".weight", StringComparison.Ordinal);
        return (isGain ? values + (1 - config.NormGainOffset) : values).to(TestDevice.Current).MoveToOuterDisposeScope();
    }

    public void Dispose() => _generator.Dispose();
}
