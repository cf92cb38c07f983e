using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

/// <summary>Routers and features to test with.</summary>
internal static class Routers
{
    public const int Width = 12;

    public static RouterIdentity Identity { get; } = new("features 1", "sha256:backbone");

    /// <summary>A router with fitted experts of the given maturities, a random gate and random statistics.</summary>
    public static DynamicHybridRouter Fitted(double[] maturities, RouterOptions? options = null, ulong seed = 1, double loudness = 2)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(seed, CPU);
        var tensors = new RouterTensors(
            randn([maturities.Length + 1, Width], generator: random) * loudness,
            randn([maturities.Length + 1], generator: random) * 0.1,
            randn([Width], generator: random),
            rand([Width], generator: random) + 0.5);
        var experts = maturities.Select((maturity, index) => new RoutedExpert($"expert-{index + 1}", maturity, IsFitted: true)).ToList();
        return new DynamicHybridRouter(Identity, options ?? new RouterOptions(), experts, tensors.Copy());
    }

    public static Tensor Features(int rows, ulong seed = 5, int width = Width)
    {
        using var random = new Generator(seed, CPU);
        return randn([rows, width], generator: random) * 2;
    }
}
