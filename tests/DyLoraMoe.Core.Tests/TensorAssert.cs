using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests;

internal static class TensorAssert
{
    /// <summary>Fails unless both have one shape and no element differs by more than <paramref name="tolerance"/>.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        var difference = LargestDifference(expected, actual);
        Assert.True(difference <= tolerance, $"The largest difference is {difference}, expected at most {tolerance}.");
    }

    /// <summary>Fails unless both are the same, bit for bit.</summary>
    public static void Same(Tensor expected, Tensor actual) => Close(expected, actual, 0);

    public static double LargestDifference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        return (expected.cpu().to_type(ScalarType.Float64) - actual.cpu().to_type(ScalarType.Float64)).abs().max().item<double>();
    }
}
