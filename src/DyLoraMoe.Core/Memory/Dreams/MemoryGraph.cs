namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// Memories with edges between those that belong together: a walk over them meets what is related, and at times what only touches. Edges are of three kinds, all of them
/// taken both ways, and the strongest counts where two memories have several: to the nearest neighbours by the cosine of the embeddings; to those that wake the same
/// experts, by half the covariance of their activations (Hebb's rule as Sejnowski's
/// covariance rule of 1977 has it: what is active everywhere joins nothing); and between memories that followed each other.
/// </summary>
public sealed class MemoryGraph
{
    private const int Neighbours = 8;
    private const double Together = 0.25;

    // Activations that differ by rounding draw nobody anywhere.
    private const int Digits = 3;

    private readonly List<(int To, double Weight)>[] _edges;

    /// <summary>Builds the graph.</summary>
    /// <param name="nodes">The memories, those of a skill in the order in which they came.</param>
    /// <param name="embeddings">One embedding a memory, all of one length.</param>
    /// <param name="activations">How likely the bare backbone and each expert are to be chosen for a memory, for each memory; null when nobody chooses.</param>
    public MemoryGraph(IReadOnlyList<MemoryNode> nodes, IReadOnlyList<float[]> embeddings, IReadOnlyList<float[]>? activations = null)
        : this(nodes, EdgesOf(nodes, embeddings, activations))
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

    private static List<MemoryEdge> EdgesOf(IReadOnlyList<MemoryNode> nodes, IReadOnlyList<float[]> embeddings, IReadOnlyList<float[]>? activations)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(embeddings);
        if (nodes.Count != embeddings.Count || nodes.Count == 0 || (activations is not null && activations.Count != nodes.Count))
        {
            throw new ArgumentException($"Expected one embedding and one activation for each of at least one memory, found {embeddings.Count} and {activations?.Count} for {nodes.Count}.", nameof(embeddings));
        }

        var unit = embeddings.Select(Unit).ToList();
        var deviations = activations is null ? null : Deviations(activations);
        var weights = new SortedDictionary<(int From, int To), double>();
        for (var node = 0; node < nodes.Count; node++)
        {
            var others = Enumerable.Range(0, nodes.Count).Where(other => other != node)
                .Select(other => (Other: other, Cosine: Dot(unit[node], unit[other])))
                .OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.Other)
                .ToList();
            foreach (var (other, cosine) in others.Take(Neighbours).Where(pair => pair.Cosine > 0))
            {
                Add(node, other, cosine);
            }

            // Of those that are as active together the most alike come first: the order is a stable one.
            var together = deviations is null ? [] : others
                .Select(pair => (pair.Other, Covariance: Math.Round(Dot(deviations[node], deviations[pair.Other]) / 2, Digits)))
                .OrderByDescending(pair => pair.Covariance)
                .Take(Neighbours);
            foreach (var (other, covariance) in together.Where(pair => pair.Covariance > 0))
            {
                Add(node, other, covariance);
            }

            if (node > 0 && nodes[node].Follows(nodes[node - 1]))
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

    private static List<float[]> Deviations(IReadOnlyList<float[]> activations)
    {
        float[] mean = [.. Enumerable.Range(0, activations[0].Length).Select(expert => activations.Average(activation => activation[expert]))];
        return [.. activations.Select(activation => (float[])[.. activation.Zip(mean, (value, average) => value - average)])];
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
