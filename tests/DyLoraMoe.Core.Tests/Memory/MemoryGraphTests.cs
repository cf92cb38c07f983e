using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;

namespace DyLoraMoe.Core.Tests.Memory;

public class MemoryGraphTests
{
    private static readonly DateTimeOffset _day = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_alike_is_joined_by_its_cosine_and_what_came_one_after_the_other_by_a_quarter()
    {
        var graph = new MemoryGraph([Node("a"), Node("a"), Node("b")], [[1, 0], [0, 1], [3, 4]]);

        Assert.Equal([(0, 1, 0.25), (0, 2, 0.6), (1, 2, 0.8)], Rounded(graph));
    }

    [Fact]
    public void What_wakes_the_same_experts_is_joined_by_half_the_covariance()
    {
        // Two memories of one expert, one of another, and nothing in common besides.
        var graph = new MemoryGraph([Node("a"), Node("b"), Node("c")], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0], [0, 0, 1]]);

        // The deviations from the mean, (0, 2/3, 1/3), are (0, 1/3, -1/3) twice and (0, -2/3, 2/3).
        Assert.Equal([(0, 1, 0.111)], Rounded(graph));
    }

    [Fact]
    public void A_router_that_finds_all_memories_the_same_joins_none_of_them()
    {
        float[][] embeddings = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
        MemoryNode[] nodes = [Node("a"), Node("b"), Node("c")];

        Assert.Empty(new MemoryGraph(nodes, embeddings, [[0, 1], [0, 1], [0, 1]]).Edges);
        Assert.Empty(new MemoryGraph(nodes, embeddings, [[1e-4f, 0.9999f], [0, 1], [2e-4f, 0.9998f]]).Edges);
    }

    [Fact]
    public void Of_many_that_are_as_active_together_none_becomes_everybodys_neighbour()
    {
        var nodes = Enumerable.Range(0, 60).Select(index => Node($"s{index}")).ToList();
        var embeddings = nodes.Select((_, index) => (float[])[MathF.Cos(index / 10f), MathF.Sin(index / 10f)]).ToList();
        var activations = nodes.Select((_, index) => (float[])[index < 40 ? 0 : 1, index < 40 ? 1 : 0]).ToList();

        var graph = new MemoryGraph(nodes, embeddings, activations);

        Assert.All(Enumerable.Range(0, 60), node => Assert.InRange(graph.From(node).Count, 8, 24));
    }

    [Fact]
    public void Episodes_follow_each_other_whatever_they_are_about_and_follow_no_sample()
    {
        MemoryNode[] nodes = [Node("a"), Node("a") with { Episode = "1" }, Node("b") with { Episode = "2" }, Node("b")];

        Assert.Equal([(1, 2, 0.25)], Rounded(new MemoryGraph(nodes, [.. nodes.Select((_, at) => (float[])[.. Enumerable.Range(0, 4).Select(index => index == at ? 1f : 0f)])])));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(8, 4)]
    public void Strength_grows_by_one_with_every_doubling(double met, double strength) => Assert.Equal(strength, MemoryNode.StrengthOf(met));

    [Fact]
    public void Recency_goes_from_a_half_for_the_oldest_to_one_for_the_newest()
    {
        Assert.Equal([0.5, 0.75, 1, 0.5], MemoryNode.RecencyOf([_day, _day.AddDays(2), _day.AddDays(4), null]));
        Assert.Equal([1, 1], MemoryNode.RecencyOf([null, null]));
        Assert.Equal([1, 0.5, 1], MemoryNode.RecencyOf([_day, null, _day]));
        Assert.Empty(MemoryNode.RecencyOf([]));
    }

    [Fact]
    public void Walks_begin_in_proportion_to_strength_recency_and_uncertainty()
    {
        var nodes = new[] { (4.0, 1.0, 1.0), (1, 0.5, 1), (2, 1, 2), (1, 1, 1.5) }.Select(node => new MemoryNode("a", Sample.Pair("x", "y"), node.Item1, node.Item2, node.Item3)).ToList();
        var graph = new MemoryGraph(nodes, Array.Empty<MemoryEdge>());
        var starts = new int[4];

        // A graph that nothing was met in, every time.
        for (var number = 0; number < 20_000; number++)
        {
            starts[new MemoryWalk(graph, new DreamOptions { Steps = 1 }).Take(number)[0]]++;
        }

        Assert.All([0.4, 0.05, 0.4, 0.15], (share, node) => Assert.InRange(starts[node] / 20_000.0, share - 0.015, share + 0.015));
    }

    private static List<(int, int, double)> Rounded(MemoryGraph graph) => [.. graph.Edges.Select(edge => (edge.From, edge.To, Math.Round(edge.Weight, 4)))];

    private static MemoryNode Node(string skill) => new(skill, Sample.Pair("prompt", "answer"), 1, 1, 1);
}
