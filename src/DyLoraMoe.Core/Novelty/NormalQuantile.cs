namespace DyLoraMoe.Core.Novelty;

/// <summary>The quantile function of the standard normal distribution.</summary>
internal static class NormalQuantile
{
    /// <summary>The x with P(X ≤ x) = p, for p strictly between 0 and 1, by Newton's steps on the distribution function.</summary>
    public static double Of(double p)
    {
        if (p > 0.5)
        {
            return -Of(1 - p);
        }

        var x = 0.0;
        for (var step = 0; step < 60; step++)
        {
            var change = (Cumulative(x) - p) / Density(x);

            // The distribution function is convex below the median, so from above every step stays above the root; only its length needs a limit.
            change = Math.Clamp(change, -1, 1);
            x -= change;
            if (Math.Abs(change) < 1e-12)
            {
                break;
            }
        }

        return x;
    }

    /// <summary>P(X ≤ x): the Taylor series of Φ near the middle, the continued fraction of Mills' ratio in the tails.</summary>
    public static double Cumulative(double x)
    {
        if (x > 0)
        {
            return 1 - Cumulative(-x);
        }

        if (x < -4)
        {
            var fraction = 0.0;
            for (var term = 60; term >= 1; term--)
            {
                fraction = term / (-x + fraction);
            }

            return Density(x) / (-x + fraction);
        }

        var (sum, part) = (x, x);
        for (var n = 1; Math.Abs(part) > 1e-17 * Math.Abs(sum); n++)
        {
            part *= x * x / ((2 * n) + 1);
            sum += part;
        }

        return 0.5 + (Density(x) * sum);
    }

    private static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
}
