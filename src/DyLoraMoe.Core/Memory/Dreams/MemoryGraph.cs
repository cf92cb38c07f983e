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
        : this(nodes, EdgesOf(nodes, embeddings))
    {
    }

    /// <summary>A graph that was built before.</summary>
    /// <param name="nodes">The memories.</param>
    /// <param name="edges">Its <see cref="Edges"/>.</param>
    /// <exception cref="ArgumentException">There is no memory, or an edge belongs to none.</exception>
    public MemoryGraph(IReadOnlyList<MemoryNode> nodes, IReadOnlyList<MemoryEdge> edges)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(edges);
        if (nodes.Count == 0 || edges.FirstOrDefault(edge => edge.From < 0 || edge.To >= nodes.Count || edge.From >= edge.To) is not null)
        {
            throw new ArgumentException($"Expected edges from a memory to a later one of {nodes.Count}, of which there must be one.", nameof(edges));
        }

        (Nodes, Edges) = (nodes, edges);
        _edges = [.. nodes.Select(_ => new List<(int, double)>())];
        foreach (var (from, to, weight) in edges)
        {
            _edges[from].Add((to, weight));
            _edges[to].Add((from, weight));
        }
    }

    /// <summary>The memories.</summary>
    public IReadOnlyList<MemoryNode> Nodes { get; }

    /// <summary>All edges, each once.</summary>
    public IReadOnlyList<MemoryEdge> Edges { get; }

    /// <summary>Where a walk may go from a memory, and how strongly it is drawn there.</summary>
    public IReadOnlyList<(int To, double Weight)> From(int node) => _edges[node];

    private static List<MemoryEdge> EdgesOf(IReadOnlyList<MemoryNode> nodes, IReadOnlyList<float[]> embeddings)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(embeddings);
        if (nodes.Count != embeddings.Count || nodes.Count == 0)
        {
            throw new ArgumentException($"Expected one embedding for each of at least one memory, found {embeddings.Count} for {nodes.Count}.", nameof(embeddings));
        }

        var unit = embeddings.Select(Unit).ToList();
        var weights = new SortedDictionary<(int From, int To), double>();
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

        return [.. weights.Select(pair => new MemoryEdge(pair.Key.From, pair.Key.To, pair.Value))];

        void Add(int one, int other, double weight)
        {
            var key = (Math.Min(one, other), Math.Max(one, other));
            weights[key] = Math.Max(weights.GetValueOrDefault(key), weight);
        }
    }

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

/// <summary>An edge between two memories, which walks take both ways.</summary>
/// <param name="From">The earlier memory, from 0.</param>
/// <param name="To">The later one.</param>
/// <param name="Weight">How strongly it draws, above 0.</param>
public sealed record MemoryEdge(int From, int To, double Weight);
