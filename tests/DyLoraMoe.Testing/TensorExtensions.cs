using static TorchSharp.torch;

namespace DyLoraMoe.Testing;

/// <summary>Comparisons of tensors.</summary>
public static class TensorExtensions
{
    /// <summary>Whether both have the same shape, type and bits.</summary>
    /// <param name="left">One tensor.</param>
    /// <param name="right">The other.</param>
    public static bool HasBitsOf(this Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return left.dtype == right.dtype && left.shape.SequenceEqual(right.shape)
            && left.detach().cpu().contiguous().bytes.SequenceEqual(right.detach().cpu().contiguous().bytes);
    }

    /// <summary>The largest difference between two tensors of the same shape.</summary>
    /// <param name="left">One tensor.</param>
    /// <param name="right">The other.</param>
    public static double DistanceTo(this Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return (left.cpu() - right.cpu()).abs().max().item<float>();
    }
}
