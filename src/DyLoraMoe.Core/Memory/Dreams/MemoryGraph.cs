namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// Memories with edges between those that are alike: a walk over them meets what belongs together, and at times what only touches. Edges go to the nearest
/// neighbours by the cosine of the embeddings, both ways; memories of one skill that follow each other have one besides, for they were met together.
/// </summary>
public sealed class MemoryGraph
{
    private const int Neighbours = 8;
    private const double Together = 0.25;

    private readonly List<(int To, double Weight)>[] _edges;

    /// <summary>Builds the graph.</summary>
    /// <param name="nodes">The memories, those of a skill in the order in which they came.</param>
    /// <param name="embeddings">One embedding a memory, all of one length.</param>
    public MemoryGraph(IReadOnlyList<MemoryNode> nodes, IReadOnlyList<float[]> embeddings)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(embeddings);
        if (nodes.Count != embeddings.Count || nodes.Count == 0)
        {
            throw new ArgumentException($"Expected one embedding for each of at least one memory, found {embeddings.Count} for {nodes.Count}.", nameof(embeddings));
        }

        Nodes = nodes;
        _edges = [.. nodes.Select(_ => new List<(int, double)>())];
        var unit = embeddings.Select(Unit).ToList();
        var weights = new SortedDictionary<(int, int), double>();
        for (var node = 0; node < nodes.Count; node++)
        {
            var nearest = Enumerable.Range(0, nodes.Count).Where(other => other != node)
                .Select(other => (Other: other, Cosine: Dot(unit[node], unit[other])))
                .OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.Other)
                .Take(Neighbours);
            foreach (var (other, cosine) in nearest.Where(pair => pair.Cosine > 0))
            {
                Add(node, other, cosine);
            }

            if (node > 0 && nodes[node].Skill == nodes[node - 1].Skill)
            {
                Add(node, node - 1, Together);
            }
        }

        foreach (var ((from, to), weight) in weights)
        {
            _edges[from].Add((to, weight));
            _edges[to].Add((from, weight));
        }

        void Add(int one, int other, double weight)
        {
            var key = (Math.Min(one, other), Math.Max(one, other));
            weights[key] = Math.Max(weights.GetValueOrDefault(key), weight);
        }
    }

    /// <summary>The memories.</summary>
    public IReadOnlyList<MemoryNode> Nodes { get; }

    /// <summary>Where a walk may go from a memory, and how strongly it is drawn there.</summary>
    public IReadOnlyList<(int To, double Weight)> From(int node) => _edges[node];

    private static float[] Unit(float[] values)
    {
        var norm = MathF.Sqrt(values.Sum(value => value * value));
        return norm == 0 ? values : [.. values.Select(value => value / norm)];
    }

    private static double Dot(float[] one, float[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return sum;
    }
}
