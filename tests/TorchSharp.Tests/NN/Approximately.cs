using static TorchSharp.torch;

namespace TorchSharp.Tests;

/// <summary>Compares tensors with numbers that PyTorch gave.</summary>
internal static class Approximately
{
    public static void Equal(float[] expected, Tensor actual, double tolerance = 1e-5)
    {
        using var host = actual.detach().to(ScalarType.Float32).contiguous();
        var found = host.data<float>().ToArray();
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - found[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"Element {i}: expected {expected[i]}, found {found[i]} in [{string.Join(", ", found)}].");
        }
    }

    public static void Equal(double expected, double actual, double tolerance = 1e-6)
        => Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"Expected {expected}, found {actual}.");
}
