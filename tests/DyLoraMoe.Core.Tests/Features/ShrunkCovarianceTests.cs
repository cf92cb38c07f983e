using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Features;

public class ShrunkCovarianceTests
{
    // By hand: S = diag(0.5, 2), m = 1.25, d² = 0.5625, Σ|x|⁴ = 34, b² = (34/2 - 4·2.125) / 16 = 0.53125.
    private static readonly double[] _samples = [1, 0, -1, 0, 0, 2, 0, -2];

    [Fact]
    public void The_estimate_agrees_with_one_computed_by_hand()
    {
        using var scope = NewDisposeScope();

        var (covariance, shrinkage) = ShrunkCovariance.Around(tensor(_samples, [4, 2]) + 7).Estimate();

        Assert.Equal(0.53125 / 0.5625, shrinkage, 1e-12);
        Assert.Equal([1.2083333333, 0, 0, 1.2916666667], covariance.data<double>().Select(value => Math.Round(value, 10)));
    }

    [Fact]
    public void The_formula_by_moments_agrees_with_the_definition()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3, CPU);
        var x = randn([20, 5], ScalarType.Float64, generator: random) * tensor(new double[] { 1, 2, 3, 0.5, 0.1 });
        var centred = x - x.mean([0]);
        var s = centred.t().matmul(centred) / 20;
        var target = eye(5, dtype: ScalarType.Float64) * (s.trace() / 5);
        var noise = Enumerable.Range(0, 20).Sum(i => (centred[i].unsqueeze(1).matmul(centred[i].unsqueeze(0)) - s).square().sum().item<double>()) / 400;
        var expected = Math.Min(1, noise / (s - target).square().sum().item<double>());

        var (covariance, shrinkage) = ShrunkCovariance.Around(x).Estimate();

        Assert.Equal(expected, shrinkage, 1e-10);
        TensorAssert.Close((target * expected) + (s * (1 - expected)), covariance, 1e-10);
    }

    [Fact]
    public void Groups_add_up_around_their_own_means()
    {
        using var scope = NewDisposeScope();
        var one = tensor(_samples, [4, 2]);
        var both = ShrunkCovariance.Within([one, one + 100]);

        Assert.Equal([4, 0, 0, 16], both.Scatter.data<double>().ToArray());
        Assert.Equal(68, both.Quartic);
        Assert.Equal(8, both.Count);
    }

    [Fact]
    public void Whitened_samples_have_unit_covariance_and_flat_ones_stay_finite()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4, CPU);
        var mixing = randn([6, 6], ScalarType.Float64, generator: random);
        var moments = ShrunkCovariance.Around(randn([5000, 6], ScalarType.Float64, generator: random).matmul(mixing));
        var whitening = moments.Whitening();
        var (covariance, _) = moments.Estimate();

        TensorAssert.Close(eye(6, dtype: ScalarType.Float64), whitening.t().matmul(covariance).matmul(whitening), 1e-6);
        TensorAssert.Close(eye(6, dtype: ScalarType.Float64), moments.Whitening(0.5).t().matmul(covariance + (eye(6) * 0.5)).matmul(moments.Whitening(0.5)), 1e-9);
        Assert.True(ShrunkCovariance.Around(ones([10, 3])).Whitening().isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.99, 2.3263478740408408)]
    [InlineData(1e-6, -4.753424308822899)]
    public void Normal_quantiles_are_exact(double p, double expected) => Assert.Equal(expected, NormalQuantile.Of(p), 1e-9);
}
