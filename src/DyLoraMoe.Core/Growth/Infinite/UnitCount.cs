namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>Which units of a row do something.</summary>
internal static class UnitCount
{
    /// <summary>Where a row stands. Weights are as the gates have made them.</summary>
    public static AxisPoint PointOf(UnitRow row, double negligible)
    {
        var masses = row.Strands.Select(strand => strand.Masses()).ToList();
        var massive = IsDepth(row) ? AliveLayers(masses, negligible).Length : masses.Max(strand => Alive(strand, negligible));
        return new AxisPoint(row.Options.Axis, row.Boundary.Position, IsDepth(row) ? masses.Count : masses[0].Length, massive, masses.Sum(strand => strand.Sum()), row.Force.Pressure);
    }

    /// <summary>The units to keep, where heavy ones are first in every strand; at least as many as the row has to have.</summary>
    public static int[] Remaining(UnitRow row, double negligible)
    {
        var masses = row.Strands.Select(strand => strand.Masses()).ToList();
        if (!IsDepth(row))
        {
            return [.. Enumerable.Range(0, Math.Max(Math.Min(row.Options.Least, masses[0].Length), masses.Max(strand => Alive(strand, negligible))))];
        }

        var alive = AliveLayers(masses, negligible);
        return alive.Length >= row.Options.Least
            ? alive
            : [.. Enumerable.Range(0, masses.Count).OrderByDescending(layer => masses[layer][0]).Take(row.Options.Least).Order()];
    }

    private static bool IsDepth(UnitRow row) => row.Options.Axis == UnitAxis.Depth;

    private static int Alive(double[] masses, double negligible)
    {
        var least = negligible * masses.Where(mass => mass > 0).DefaultIfEmpty(0).Average();
        return masses.Count(mass => mass > least);
    }

    private static int[] AliveLayers(List<double[]> masses, double negligible)
    {
        var least = negligible * masses.Select(layer => layer[0]).Where(mass => mass > 0).DefaultIfEmpty(0).Average();
        return [.. Enumerable.Range(0, masses.Count).Where(layer => masses[layer][0] > least)];
    }
}
