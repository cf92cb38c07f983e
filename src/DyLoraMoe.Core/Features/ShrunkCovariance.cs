using static TorchSharp.torch;

namespace DyLoraMoe.Core.Features;

/// <summary>
/// The covariance estimate of <see href="https://doi.org/10.1016/S0047-259X(03)00096-4">Ledoit and Wolf (2004)</see>: the sample
/// covariance S drawn towards a multiple of the identity by just as much as it is likely to be noise. With centred samples
/// x_i in K dimensions and <c>‖M‖² = Σ M_ij² / K</c>:
/// <code>
/// S = Σ x_i x_iᵀ / N          m = tr S / K          d² = ‖S − m I‖²
/// b² = min(d², Σ ‖x_i x_iᵀ − S‖² / N²)              Σ* = (b² / d²) m I + (1 − b² / d²) S
/// </code>
/// Since <c>Σ x_iᵀ S x_i = N K ‖S‖²</c>, the sum in b² is <c>Σ |x_i|⁴ / K − N ‖S‖²</c>: three moments suffice, and those of
/// several groups, each centred on its own mean, add up.
/// </summary>
/// <param name="Count">How many samples, N.</param>
/// <param name="Scatter">Σ x_i x_iᵀ, (K, K) float64.</param>
/// <param name="Quartic">Σ |x_i|⁴.</param>
internal sealed record ShrunkCovariance(long Count, Tensor Scatter, double Quartic)
{
    /// <summary>Moments of samples around their own mean.</summary>
    /// <param name="samples">(N, K).</param>
    public static ShrunkCovariance Around(Tensor samples)
    {
        using var scope = NewDisposeScope();
        var x = samples.to_type(ScalarType.Float64);
        x = x - x.mean([0], keepdim: true);
        return new ShrunkCovariance(x.shape[0], x.t().matmul(x).MoveToOuterDisposeScope(), x.square().sum(1).square().sum().item<double>());
    }

    /// <summary>Moments of the samples of several groups, at least one, each around the group's own mean.</summary>
    /// <param name="groups">(N, K) each.</param>
    public static ShrunkCovariance Within(IEnumerable<Tensor> groups)
    {
        using var scope = NewDisposeScope();
        ShrunkCovariance? sum = null;
        foreach (var samples in groups)
        {
            // One scatter at a time: there may be a thousand groups.
            using var own = NewDisposeScope();
            var group = Around(samples);
            sum = sum is null
                ? group with { Scatter = group.Scatter.MoveToOuterDisposeScope() }
                : new ShrunkCovariance(sum.Count + group.Count, sum.Scatter.add_(group.Scatter), sum.Quartic + group.Quartic);
        }

        sum!.Scatter.MoveToOuterDisposeScope();
        return sum;
    }

    /// <summary>The estimate and the weight b² / d² of the identity in it.</summary>
    public (Tensor Covariance, double Shrinkage) Estimate()
    {
        using var scope = NewDisposeScope();
        var width = Scatter.shape[0];
        var s = Scatter / Count;
        var m = s.trace().item<double>() / width;
        var identity = eye(width, dtype: ScalarType.Float64) * m;
        var distance = (s - identity).square().sum().item<double>() / width;
        var norm = s.square().sum().item<double>() / width;
        var noise = Math.Min(distance, Math.Max(0, (Quartic / width) - (Count * norm)) / ((double)Count * Count));
        var shrinkage = distance > 0 ? noise / distance : 1;
        return (((identity * shrinkage) + (s * (1 - shrinkage))).MoveToOuterDisposeScope(), shrinkage);
    }

    /// <summary>What turns a row x into <c>x W</c> of covariance I, (K, K) float64, upper triangular.</summary>
    /// <param name="least">A variance that is added in every direction.</param>
    public Tensor Whitening(double least = 0)
    {
        using var scope = NewDisposeScope();
        var (covariance, _) = Estimate();
        var width = covariance.shape[0];

        // Samples without any spread have no covariance to speak of; the floor keeps the factor finite.
        var floor = Math.Max(Math.Max(least, 1e-12), 1e-9 * covariance.trace().item<double>() / width);
        var factor = linalg.cholesky(covariance + (eye(width, dtype: ScalarType.Float64) * floor));
        return linalg.inv(factor).t().contiguous().MoveToOuterDisposeScope();
    }
}
