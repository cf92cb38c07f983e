using DyLoraMoe.Core.Growth.Infinite;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Growth.Infinite;

public class RadialGroupLassoTests
{
    private static Arbitrary<double> Numbers { get; } = Gen.Choose(0, 100_000).Select(number => number / 10_000.0).ToArbitrary();

    [Fact]
    public void The_step_takes_exactly_its_threshold_off_a_norm_or_leaves_zero() => Prop.ForAll(Numbers, Numbers, (norm, threshold) =>
    {
        var factor = RadialGroupLasso.Factor(norm, threshold);
        Assert.InRange(factor, 0, 1);
        Assert.Equal(Math.Max(0, norm - threshold), factor * norm, 1e-12);
        if (norm <= threshold)
        {
            Assert.Equal(0, factor);
        }
    }).QuickCheckThrowOnFailure();

    // prox_t(v) minimises ||x||·t + ||x − v||²/2; along v that is s ||v|| t + (1 − s)² ||v||² / 2 for x = s v.
    [Fact]
    public void The_step_is_the_proximal_one() => Prop.ForAll(Numbers, Numbers, (norm, threshold) =>
    {
        var factor = RadialGroupLasso.Factor(norm, threshold);
        Assert.All(Enumerable.Range(-20, 41).Select(step => Math.Max(0, factor + (step / 20.0))), other => Assert.True(Objective(factor) <= Objective(other) + 1e-9));

        double Objective(double s) => (s * norm * threshold) + ((1 - s) * (1 - s) * norm * norm / 2);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void It_is_twice_as_strong_at_its_radius_and_grows_with_the_root_of_the_group()
    {
        var lasso = new RadialGroupLasso(0.1, Radius: 8);

        Assert.Equal(1, lasso.Weight(0));
        Assert.Equal(2, lasso.Weight(8));
        Assert.Equal(0.01 * 0.1 * 1.5 * 4, lasso.Threshold(0.01, 4, 16), 1e-15);
    }
}
