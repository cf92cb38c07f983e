using System.Globalization;

namespace DyLoraMoe.Router.Metrics;

/// <summary>How values spread.</summary>
/// <param name="name">Its name.</param>
/// <param name="help">What it says.</param>
/// <param name="bounds">Upper bounds of the buckets, rising.</param>
internal sealed class Histogram(string name, string help, params IReadOnlyList<double> bounds) : IMetric
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Count + 1];
    private double _sum;

    /// <summary>Bounds for times from a millisecond to a minute, in seconds.</summary>
    public static IReadOnlyList<double> Seconds { get; } = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>Takes in a value.</summary>
    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
        {
            bucket++;
        }

        lock (_lock)
        {
            _counts[bucket]++;
            _sum += value;
        }
    }

    public void WriteTo(TextWriter writer)
    {
        long[] counts;
        double sum;
        lock (_lock)
        {
            (counts, sum) = ([.. _counts], _sum);
        }

        writer.Write($"# HELP {name} {help}\n# TYPE {name} histogram\n");
        var total = 0L;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            total += counts[bucket];
            var bound = bucket < bounds.Count ? bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {total}\n"));
        }

        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{name}_sum {sum}\n{name}_count {total}\n"));
    }
}
