using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Where a model's weights come from while it is being built: files, or a random generator.</summary>
public interface IWeightSource
{
    /// <summary>Hands over one weight, in its final dtype and on its final device. Each weight is taken once.</summary>
    /// <param name="path">Hugging Face name, such as <c>model.layers.0.mlp.up_proj.weight</c>.</param>
    /// <param name="shape">The shape that the configuration asks for.</param>
    /// <returns>A tensor that the caller owns.</returns>
    Tensor Take(string path, params long[] shape);
}
