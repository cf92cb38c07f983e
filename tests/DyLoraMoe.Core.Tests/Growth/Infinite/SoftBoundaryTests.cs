using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Growth.Infinite;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Growth.Infinite;

public class SoftBoundaryTests
{
    [Fact]
    public void Units_act_in_full_up_to_the_boundary_and_not_at_all_beyond_the_ramp()
    {
        var boundary = new SoftBoundary(3, 2);

        Assert.Equal([1, 1, 1, 1, 0.5, 0, 0], Enumerable.Range(0, 7).Select(unit => boundary.Gate(unit)));
        Assert.Equal(5, boundary.Reached);
    }

    [Fact]
    public void The_slope_is_the_derivative_of_the_gate() => Prop.ForAll(
        Gen.Choose(0, 4000).Select(x => x / 100.0).Zip(Gen.Choose(1, 800).Select(x => x / 100.0)).ToArbitrary(),
        Gen.Choose(0, 40).ToArbitrary(),
        (edge, unit) =>
        {
            const double h = 1e-6;
            var boundary = new SoftBoundary(edge.Item1 + 0.003, edge.Item2 + 0.0007);
            var numeric = ((boundary with { Position = boundary.Position + h }).Gate(unit) - (boundary with { Position = boundary.Position - h }).Gate(unit)) / (2 * h);
            Assert.Equal(numeric, boundary.Slope(unit), 1e-4);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_unit_that_acts_exists_and_few_others_do() => Prop.ForAll(
        Gen.Choose(0, 5000).Select(x => x / 100.0).Zip(Gen.Choose(1, 8)).ToArbitrary(),
        Gen.Choose(1, 100).ToArbitrary(),
        (edge, present) =>
        {
            var boundary = new SoftBoundary(edge.Item1, edge.Item2);
            var wanted = boundary.Wanted(present, spare: 3, most: 1000);
            Assert.InRange(wanted, boundary.Reached, boundary.Reached + 6);
            Assert.Equal(wanted, boundary.Wanted(wanted, spare: 3, most: 1000));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void It_stays_within_its_limits()
    {
        var boundary = new SoftBoundary(3, 2);

        Assert.Equal(9, boundary.Moved(100, least: 1, most: 10).Position);
        Assert.Equal(0, boundary.Moved(-100, least: 1, most: 10).Position);
        Assert.Equal(4, boundary.Moved(-100, least: 6, most: 10).Position);
    }

    [Fact]
    public void A_limit_takes_nothing_that_is_there()
    {
        var boundary = new SoftBoundary(20, 2);

        Assert.Equal(20, boundary.Moved(1, least: 1, most: 10).Position);
        Assert.Equal(19.5, boundary.Moved(-0.5, least: 1, most: 10).Position);
        Assert.Equal(40, boundary.Wanted(present: 40, spare: 9, most: 10));
        Assert.Equal(31, boundary.Wanted(present: 60, spare: 9, most: 31));
        Assert.Equal(10, new SoftBoundary(9, 2).Wanted(present: 8, spare: 2, most: 10));
    }

    [Fact]
    public void Around_units_that_write_nothing_all_of_them_act() => Assert.All(Enumerable.Range(1, 20), units =>
    {
        var boundary = SoftBoundary.Around(units, lastToWrite: -1, ramp: 2);
        Assert.True(boundary.Gate(units - 1) > 0);
        Assert.True(boundary.Gate(units + 1) == 0);
    });

    [Fact]
    public void Around_units_that_write_all_that_write_act_in_full() => Assert.All(Enumerable.Range(0, 20), last =>
    {
        var boundary = SoftBoundary.Around(20, last, ramp: 5);
        Assert.All(Enumerable.Range(0, last + 1), unit => Assert.Equal(1, boundary.Gate(unit)));
        Assert.Equal(Math.Max(15, last), boundary.Position);
    });

    [Fact]
    public void The_most_is_never_below_what_there_is()
    {
        Assert.Equal((4096, 8192), (new AxisOptions(UnitAxis.FeedForward).MostFrom(512), new AxisOptions(UnitAxis.FeedForward).MostFrom(8192)));
        Assert.Equal(600, new AxisOptions(UnitAxis.FeedForward) { Most = 600 }.MostFrom(600));

        var error = Assert.Throws<ValidationException>(() => new AxisOptions(UnitAxis.FeedForward) { Most = 256 }.MostFrom(512));

        Assert.Contains("512 units at the start and at most 256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pressure_has_the_sign_of_what_lowers_the_loss_and_no_scale()
    {
        var (steady, small, none) = (new BoundaryForce(), new BoundaryForce(), new BoundaryForce());
        for (var step = 0; step < 50; step++)
        {
            (steady, small, none) = (steady.After(-3), small.After(-3e-9), none.After(0));
        }

        Assert.Equal(1, steady.Pressure, 1e-6);
        Assert.Equal(1, small.Pressure, 1e-6);
        Assert.Equal(0, none.Pressure);
        Assert.True(Enumerable.Range(0, 200).Aggregate(new BoundaryForce(), (force, step) => force.After(step % 2 == 0 ? 1 : -1)).Pressure is > -0.1 and < 0.1);
    }
}
