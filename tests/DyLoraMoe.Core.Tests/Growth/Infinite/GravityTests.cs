using DyLoraMoe.Core.Growth.Infinite;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Growth.Infinite;

public class GravityTests
{
    private static Arbitrary<(int Mass, int Place)[]> Units { get; } =
        Gen.Choose(0, 50).Zip(Gen.Choose(0, 100)).NonEmptyListOf().Select(list => list.Select(pair => (pair.Item1, pair.Item2)).ToArray()).ToArbitrary();

    [Fact]
    public void The_energy_is_that_of_all_pairs() => Prop.ForAll(Units, units =>
    {
        var pairs = units.SelectMany((u, at) => units.Take(at).Select(v => (double)u.Mass * v.Mass * (u.Place - v.Place) * (u.Place - v.Place))).Sum();
        Assert.Equal(pairs, Gravity.Energy(Places(units), Masses(units)), 1e-6 * Math.Max(1, pairs));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_pull_is_the_derivative_of_the_energy_over_the_mass() => Prop.ForAll(Units, units =>
    {
        var (places, masses) = (Places(units), Array.ConvertAll(Masses(units), mass => mass + 1));
        var pull = Gravity.Pull(places, masses);
        for (var unit = 0; unit < masses.Length; unit++)
        {
            var (more, less) = (Moved(masses, unit, 1e-4), Moved(masses, unit, -1e-4));
            var numeric = ((Gravity.Energy(places, more) / more.Sum()) - (Gravity.Energy(places, less) / less.Sum())) / 2e-4;
            Assert.Equal(numeric, pull[unit], 1e-3 * Math.Max(1, pull[unit]));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Where_all_are_and_where_nothing_is_there_is_no_pull_and_no_energy()
    {
        Assert.Equal(0, Gravity.Energy([3, 3, 3], [1, 2, 3]), 1e-12);
        Assert.Equal(0, Gravity.Energy([1, 2, 3], [0, 0, 0]));
        Assert.Equal([0.0], Gravity.Pull([7], [2]));
    }

    private static double[] Places((int Mass, int Place)[] units) => Array.ConvertAll(units, unit => (double)unit.Place);

    private static double[] Masses((int Mass, int Place)[] units) => Array.ConvertAll(units, unit => (double)unit.Mass);

    private static double[] Moved(double[] masses, int unit, double by) => [.. masses.Select((mass, at) => at == unit ? mass + by : mass)];
}
