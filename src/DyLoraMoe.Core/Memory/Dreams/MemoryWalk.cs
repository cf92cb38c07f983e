using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// Random walks with restart. They begin at what is strong, fresh and uncertain, follow edges, and shun what earlier walks have met often, so that no hub swallows
/// them all. Walks of one graph share what was met; so they are taken in order.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="options">Restart, steps, where walks begin, seed.</param>
public sealed class MemoryWalk(MemoryGraph graph, DreamOptions options)
{
    private static readonly ulong _purpose = SeededRandom.Key("memory walk");

    private readonly double[] _starts = [.. graph.Nodes.Select(node => Math.Pow(node.Strength * node.Recency * Math.Max(node.Uncertainty, 1e-3), 1 / options.StartTemperature))];
    private readonly int[] _met = new int[graph.Nodes.Count];

    /// <summary>How often each memory was met.</summary>
    public IReadOnlyList<int> Met => _met;

    /// <summary>Takes a walk.</summary>
    /// <param name="number">Which one.</param>
    /// <returns>The memories that it met, in order.</returns>
    public IReadOnlyList<int> Take(int number)
    {
        var random = new SeededRandom((ulong)options.Seed, _purpose, (ulong)number);
        var at = Begin(random);
        var path = new List<int> { Meet(at) };
        for (var step = 1; step < options.Steps; step++)
        {
            var edges = graph.From(at);
            at = edges.Count == 0 || random.NextDouble() < options.Restart
                ? Begin(random)
                : edges[Draw(random, [.. edges.Select(edge => edge.Weight / (1 + _met[edge.To]))])].To;
            path.Add(Meet(at));
        }

        return path;
    }

    /// <summary>The last memories of a walk that differ, the last first; fewer when it met no more.</summary>
    /// <param name="path">The walk; at least one step.</param>
    /// <param name="parts">How many.</param>
    public static IReadOnlyList<int> Collision(IReadOnlyList<int> path, int parts)
    {
        ArgumentNullException.ThrowIfNull(path);
        return [.. path.Reverse().Distinct().Take(parts)];
    }

    private int Begin(SeededRandom random) => Draw(random, [.. _starts.Select((start, node) => start / (1 + _met[node]))]);

    private int Meet(int node)
    {
        _met[node]++;
        return node;
    }

    private static int Draw(SeededRandom random, double[] weights)
    {
        var left = random.NextDouble() * weights.Sum();
        for (var index = 0; index < weights.Length; index++)
        {
            left -= weights[index];
            if (left < 0)
            {
                return index;
            }
        }

        return weights.Length - 1;
    }
}
