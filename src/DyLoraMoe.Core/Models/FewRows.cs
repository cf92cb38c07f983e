using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Products of a large matrix with few rows on a processor. A matrix-matrix product copies the matrix into an order of its own first; for a few rows
/// that costs more than the product. As matrix-vector products, one a row, it takes as long as the matrix takes to be read.
/// </summary>
/// <remarks>Shapes: N rows, I input features, O output features.</remarks>
internal static class FewRows
{
    // Measured on two cores with OpenBLAS: 2.5 times as fast for one row, and no faster any more from about eight on.
    private const int Most = 4;

    // A smaller matrix stays in the cache, where a copy costs little.
    private const long LeastElements = 1 << 18;

    /// <summary>Whether this is one of those products: it needs no gradient.</summary>
    /// <param name="input">(N, I).</param>
    /// <param name="weight">(O, I).</param>
    public static bool Are(Tensor input, Tensor weight) =>
        input.shape[0] <= Most && weight.numel() >= LeastElements && weight.device_type == TorchSharp.DeviceType.CPU && weight.dtype == ScalarType.Float32
        && input.dtype == ScalarType.Float32 && !input.requires_grad && !weight.requires_grad;

    /// <summary>(N, I) -> (N, O), as <c>linear</c> gives it but for rounding.</summary>
    /// <param name="input">(N, I).</param>
    /// <param name="weight">(O, I).</param>
    /// <param name="bias">(O), or null.</param>
    public static Tensor Linear(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var rows = input.shape[0] == 1
            ? weight.mv(input.view(input.shape[1])).unsqueeze(0)
            : stack([.. input.unbind(0).Select(weight.mv)], 0);                     // (N, O)
        return (bias is null ? rows : rows.add_(bias)).MoveToOuterDisposeScope();
    }
}
