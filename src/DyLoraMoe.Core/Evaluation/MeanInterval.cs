namespace DyLoraMoe.Core.Evaluation;

/// <summary>A mean over paired runs with its 95 % confidence interval, by Student's t.</summary>
/// <param name="Mean">The mean; NaN without a run.</param>
/// <param name="HalfWidth">Half the interval's width; NaN for fewer than two runs, which say nothing about spread.</param>
/// <param name="Count">Runs.</param>
public sealed record MeanInterval(double Mean, double HalfWidth, int Count)
{
    // Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom.
    private static readonly double[] Points =
    [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
        2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
        2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
    ];

    /// <summary>The lower end.</summary>
    public double Low => Mean - HalfWidth;

    /// <summary>The upper end.</summary>
    public double High => Mean + HalfWidth;

    /// <summary>Of one value per run; those that are not finite say nothing and are left out.</summary>
    /// <param name="values">The values.</param>
    public static MeanInterval Of(IEnumerable<double> values)
    {
        var runs = values.Where(double.IsFinite).ToArray();
        if (runs.Length == 0)
        {
            return new MeanInterval(double.NaN, double.NaN, 0);
        }

        var mean = runs.Average();
        var deviation = Math.Sqrt(runs.Sum(value => (value - mean) * (value - mean)) / (runs.Length - 1));
        return new MeanInterval(mean, runs.Length == 1 ? double.NaN : StudentPoint(runs.Length - 1) * deviation / Math.Sqrt(runs.Length), runs.Length);
    }

    /// <summary>Of the differences of runs that share stream, order and seed: what is common to both drops out.</summary>
    /// <param name="first">One value per run.</param>
    /// <param name="second">The other's value in the same run.</param>
    public static MeanInterval OfPairs(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.Count == second.Count
            ? Of(first.Zip(second, (left, right) => left - right))
            : throw new ArgumentException($"Paired runs need as many values on both sides, found {first.Count} and {second.Count}.", nameof(second));
    }

    /// <summary>The t that 2.5 % of the distribution exceed: a table to 30 degrees of freedom, then Cornish and Fisher's expansion.</summary>
    /// <param name="degrees">Degrees of freedom.</param>
    internal static double StudentPoint(int degrees)
    {
        if (degrees <= Points.Length)
        {
            return Points[degrees - 1];
        }

        const double z = 1.959963984540054;
        return z
            + ((Math.Pow(z, 3) + z) / (4.0 * degrees))
            + (((5 * Math.Pow(z, 5)) + (16 * Math.Pow(z, 3)) + (3 * z)) / (96.0 * Math.Pow(degrees, 2)))
            + (((3 * Math.Pow(z, 7)) + (19 * Math.Pow(z, 5)) + (17 * Math.Pow(z, 3)) - (15 * z)) / (384.0 * Math.Pow(degrees, 3)));
    }
}
