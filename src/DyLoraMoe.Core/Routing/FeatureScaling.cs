using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Fixed statistics that bring features to one scale: <c>x̂ = (x − mean) / scale</c>. Taken once, from prompts that stand for what the
/// backbone sees in general; a router keeps them for life, so that a stored feature means the same for ever.
/// </summary>
/// <param name="Mean">Mean of every feature, (F) float32.</param>
/// <param name="Scale">Standard deviation of every feature, (F) float32, positive.</param>
public sealed record FeatureScaling(Tensor Mean, Tensor Scale) : IDisposable
{
    // A feature that hardly varies over the anchors would otherwise shout at the first prompt that differs.
    private const double LeastShareOfMedian = 0.05;

    /// <summary>The statistics of anchor features.</summary>
    /// <param name="anchors">Features of anchor prompts, (N, F), at least two.</param>
    public static FeatureScaling Of(Tensor anchors)
    {
        ArgumentNullException.ThrowIfNull(anchors);
        if (anchors.dim() != 2 || anchors.shape[0] < 2)
        {
            throw new ArgumentException($"Anchor features have shape [{string.Join(", ", anchors.shape)}], expected (anchors, features) with at least two anchors.", nameof(anchors));
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var exact = anchors.to_type(ScalarType.Float64).cpu();
        var mean = exact.mean([0]);                                                  // (N, F) -> (F)
        var spread = (exact - mean).square().mean([0]).sqrt();                       // (F)
        var least = Math.Max(spread.median().item<double>() * LeastShareOfMedian, 1e-6);
        return new FeatureScaling(
            mean.to_type(ScalarType.Float32).DetachFromDisposeScope(),
            spread.clamp_min(least).to_type(ScalarType.Float32).DetachFromDisposeScope());
    }

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        Mean.Dispose();
        Scale.Dispose();
    }
}
