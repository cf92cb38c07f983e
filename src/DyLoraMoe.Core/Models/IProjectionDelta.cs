using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>What adapters add to a model's linear layers during one forward pass. The model itself knows no adapters.</summary>
public interface IProjectionDelta
{
    /// <summary>Adds this pass's contribution to one linear layer, or returns <paramref name="output"/> as it is.</summary>
    /// <param name="path">The layer's path in the model, such as <c>model.layers.0.self_attn.q_proj</c>.</param>
    /// <param name="input">What went into the layer, (N, I), where N counts the tokens of all rows of the batch, row by row.</param>
    /// <param name="output">What came out, (N, O). May be changed in place.</param>
    /// <returns>The sum, (N, O).</returns>
    Tensor AddTo(string path, Tensor input, Tensor output);
}
