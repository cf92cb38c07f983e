using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Fresh weights for pre-training: normal with deviation 0.02, the layers' output projections scaled down by √(2 · layers)
/// as GPT-2 does, norm gains at their neutral value, biases zero. The same seed gives the same model.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="seed">Seed of the weights.</param>
/// <param name="dtype">Element type; float32 when null.</param>
/// <param name="device">Where the weights go; host memory when null.</param>
public sealed class RandomWeights(ModelConfig config, long seed, ScalarType? dtype = null, Device? device = null) : IWeightSource, IDisposable
{
    private const double Deviation = 0.02;

    private readonly Generator _generator = new((ulong)seed, CPU);

    /// <inheritdoc/>
    public Tensor Take(string path, params long[] shape)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Draw(path, shape).to(dtype ?? ScalarType.Float32).to(device ?? CPU).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the generator.</summary>
    public void Dispose() => _generator.Dispose();

    private Tensor Draw(string path, long[] shape)
    {
        if (path.EndsWith(".bias", StringComparison.Ordinal))
        {
            return zeros(shape);
        }

        if (shape.Length == 1)
        {
            return full(shape, 1 - config.NormGainOffset);
        }

        var isResidualWriter = path.Contains("o_proj", StringComparison.Ordinal) || path.Contains("down_proj", StringComparison.Ordinal);
        var deviation = isResidualWriter ? Deviation / Math.Sqrt(2.0 * config.Layers) : Deviation;
        return randn(shape, generator: _generator) * deviation;
    }
}
