using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The limit of a one-sided <see href="https://doi.org/10.1093/biomet/41.1-2.100">CUSUM</see>, <c>S ← max(0, S + z − k)</c>, at which
/// known requests raise a flag once in a stated number of requests, found by simulation with the scores that known requests have.
/// </summary>
internal static class CusumThreshold
{
    private const double Highest = 200;
    private const int FlagsToCount = 100;

    public static double For(IReadOnlyList<double> nullScores, double reference, double requestsBetween, ulong seed)
    {
        var random = new SeededRandom(seed, SeededRandom.Key("cusum"));
        var steps = new double[(int)Math.Min(2_000_000, FlagsToCount * requestsBetween)];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = nullScores[random.Next(nullScores.Count)] - reference;
        }

        var allowed = steps.Length / requestsBetween;
        var (low, high) = (0.0, Highest);
        while (high - low > 1e-2)
        {
            var middle = (low + high) / 2;
            (low, high) = Flags(steps, middle) > allowed ? (middle, high) : (low, middle);
        }

        return high;
    }

    private static int Flags(double[] steps, double limit)
    {
        var (sum, flags) = (0.0, 0);
        foreach (var step in steps)
        {
            sum = Math.Max(0, sum + step);
            if (sum > limit)
            {
                (sum, flags) = (0, flags + 1);
            }
        }

        return flags;
    }
}
