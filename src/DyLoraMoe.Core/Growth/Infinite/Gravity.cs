namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// The third seed's gravity: units with mass should not be far from each other. The sum over all pairs
/// <c>Σ_{u&lt;v} m_u m_v (x_u − x_v)²</c> is <c>M Σ_u m_u (x_u − c)²</c> with the whole mass M and its centre c (the parallel-axis identity), which costs
/// N and not N². Newton's own <c>−m m / r</c> would be minimised by growing mass without bound.
/// </summary>
/// <remarks>Masses are not negative; places and masses have the same length N.</remarks>
public static class Gravity
{
    /// <summary>Where the centre of mass is; zero where there is none.</summary>
    /// <param name="places">Where the units are.</param>
    /// <param name="masses">Their masses.</param>
    public static double Centre(ReadOnlySpan<double> places, ReadOnlySpan<double> masses)
    {
        var (mass, moment) = (0.0, 0.0);
        for (var unit = 0; unit < masses.Length; unit++)
        {
            mass += masses[unit];
            moment += masses[unit] * places[unit];
        }

        return mass > 0 ? moment / mass : 0;
    }

    /// <summary>The energy of all pairs.</summary>
    /// <param name="places">Where the units are.</param>
    /// <param name="masses">Their masses.</param>
    public static double Energy(ReadOnlySpan<double> places, ReadOnlySpan<double> masses)
    {
        var (centre, mass, inertia) = (Centre(places, masses), 0.0, 0.0);
        for (var unit = 0; unit < masses.Length; unit++)
        {
            mass += masses[unit];
            inertia += masses[unit] * Square(places[unit] - centre);
        }

        return mass * inertia;
    }

    /// <summary>
    /// The pull on every unit: the derivative of the energy over the whole mass, by the unit's mass. This is <c>(x_u − c)²</c>: moving the centre
    /// costs nothing, by its definition. Dividing by the mass takes away mass that is far off without making light networks better than heavy ones.
    /// </summary>
    /// <param name="places">Where the units are.</param>
    /// <param name="masses">Their masses.</param>
    public static double[] Pull(ReadOnlySpan<double> places, ReadOnlySpan<double> masses)
    {
        var centre = Centre(places, masses);
        var pull = new double[places.Length];
        for (var unit = 0; unit < pull.Length; unit++)
        {
            pull[unit] = Square(places[unit] - centre);
        }

        return pull;
    }

    private static double Square(double x) => x * x;
}
