using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>The last step of every adapter: adding a low-rank product to a layer's output.</summary>
internal static class LowRank
{
    /// <summary><c>output + scale · low Bᵀ</c>, in one matrix product where the types agree.</summary>
    /// <param name="output">The layer's output, (N, O); changed in place.</param>
    /// <param name="low">The down-projected input, (N, R).</param>
    /// <param name="up">The up-projection B, (O, R).</param>
    /// <param name="scale">Factor on the product.</param>
    public static Tensor Add(Tensor output, Tensor low, Tensor up, double scale) =>
        output.dtype == up.dtype
            ? output.addmm_(low, up.t(), beta: 1, alpha: (float)scale)
            : output.add_(nn.functional.linear(low, up).to_type(output.dtype), scale);
}
