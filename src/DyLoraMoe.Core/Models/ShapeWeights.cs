using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Weights that have a shape and no values, for whoever asks a model what fits it and computes nothing.</summary>
public sealed class ShapeWeights : IWeightSource
{
    /// <inheritdoc/>
    public Tensor Take(string path, params long[] shape) => empty(shape, device: META);
}
