using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Features, standardised by the anchors, in a few random directions: <c>((f − μ) / σ) P</c>. The anchors' mean becomes the origin,
/// so that a cosine compares what sets skills apart instead of what all prompts have in common. Fixed for the life of a library.
/// </summary>
/// <remarks>Shapes: N samples, F features, K dimensions.</remarks>
internal sealed class FeatureProjection : IDisposable
{
    /// <param name="anchors">Features of the anchors, (A, F).</param>
    /// <param name="options">Dimensions and seed.</param>
    public FeatureProjection(Tensor anchors, LibraryOptions options)
    {
        using var scope = NewDisposeScope();
        var x = anchors.to_type(ScalarType.Float64);
        var mean = x.mean([0]);                                                                             // (F)
        var deviation = (x - mean).square().mean([0]).sqrt();                                               // (F)

        // A feature that hardly varies among the anchors would drown the others once it does.
        var floor = Math.Max(1e-8, 0.1 * deviation.mean().item<double>());
        using var matrix = RandomProjection.Matrix((int)x.shape[1], options.Dimensions, options.Seed);
        var directions = matrix.to_type(ScalarType.Float64) / deviation.clamp_min(floor).unsqueeze(1);      // (F, K)
        Origin = mean.unsqueeze(0).matmul(directions).DetachFromDisposeScope();                             // (1, K)
        Directions = directions.DetachFromDisposeScope();
    }

    /// <param name="directions">(F, K) float64; from now on this one's to dispose, as the next.</param>
    /// <param name="origin">(1, K) float64.</param>
    public FeatureProjection(Tensor directions, Tensor origin) => (Directions, Origin) = (directions, origin);

    /// <summary>(F, K) float64.</summary>
    public Tensor Directions { get; }

    /// <summary>(1, K) float64.</summary>
    public Tensor Origin { get; }

    /// <summary>(N, F) -> (N, K) float64; belongs to the caller's scope.</summary>
    public Tensor Of(Tensor features)
    {
        using var scope = NewDisposeScope();
        return (features.to_type(ScalarType.Float64).matmul(Directions) - Origin).MoveToOuterDisposeScope();
    }

    /// <summary>The same, for another owner.</summary>
    public FeatureProjection Copy() => new(Directions.clone().DetachFromDisposeScope(), Origin.clone().DetachFromDisposeScope());

    public void Dispose()
    {
        Directions.Dispose();
        Origin.Dispose();
    }
}
