using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Groups requests in the whitened space: leaders first (a request farther from every leader than two prompts of one skill usually
/// are from each other starts a group), then a few rounds of assigning each to the nearest mean and joining means that lie close.
/// </summary>
/// <param name="map">The known skills.</param>
internal sealed class RequestGrouping(NoveltyMap map)
{
    private const int Rounds = 5;
    private const double NearMeans = 0.75;

    public IReadOnlyList<ProposedSkill> Of(IReadOnlyList<NovelRequest> requests, int least, IReadOnlyList<IReadOnlyList<float>> proposed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var points = Whitened([.. requests.Select(request => request.Vector)]);
        var known = proposed.Count == 0 ? [] : Whitened(proposed);
        return [.. Groups(points)
            .Where(group => group.Count >= least && IsApart(Mean(group.ConvertAll(index => points[index])), known))
            .Select(group => Describe(requests, points, group))
            .Where(group => group.Distance >= map.Spread / 2)
            .OrderByDescending(group => group.Count)];
    }

    private double[][] Whitened(IReadOnlyList<IReadOnlyList<float>> vectors) =>
        Rows(map.Space.Whiten(tensor(vectors.SelectMany(vector => vector).ToArray(), [vectors.Count, vectors[0].Count]).to_type(ScalarType.Float64)));

    private List<List<int>> Groups(double[][] points)
    {
        var centers = new List<double[]>();
        foreach (var point in points)
        {
            if (centers.All(center => Vectors.Distance(center, point) > map.Reach))
            {
                centers.Add(point);
            }
        }

        var groups = new List<List<int>>();
        for (var round = 0; round < Rounds; round++)
        {
            groups = Assign(points, centers);
            centers = Joined(groups.ConvertAll(group => Mean(group.ConvertAll(index => points[index]))));
        }

        return groups;
    }

    // Two leaders in one skill split it; their means then lie nearer to each other than prompts lie to a mean.
    private List<double[]> Joined(List<double[]> centers)
    {
        var kept = new List<double[]>();
        foreach (var center in centers)
        {
            if (IsApart(center, kept))
            {
                kept.Add(center);
            }
        }

        return kept;
    }

    private bool IsApart(double[] center, IEnumerable<double[]> others) => others.All(other => Vectors.Distance(other, center) > NearMeans * map.Spread);

    private List<List<int>> Assign(double[][] points, List<double[]> centers)
    {
        var groups = centers.ConvertAll(_ => new List<int>());
        for (var index = 0; index < points.Length; index++)
        {
            var distances = centers.ConvertAll(center => Vectors.Distance(center, points[index]));
            var nearest = distances.IndexOf(distances.Min());
            if (distances[nearest] <= map.Reach)
            {
                groups[nearest].Add(index);
            }
        }

        return groups.FindAll(group => group.Count > 0);
    }

    private ProposedSkill Describe(IReadOnlyList<NovelRequest> requests, double[][] points, List<int> group)
    {
        var center = Mean(group.ConvertAll(index => points[index]));
        var spread = group.Average(index => Vectors.Distance(center, points[index]));
        var distances = map.Space.Distances(tensor(center, [1, center.Length])).data<double>().ToArray();
        var nearest = Array.IndexOf(distances, distances.Min());
        var raw = Mean(group.ConvertAll(index => requests[index].Vector.Select(value => (double)value).ToArray()));
        return new ProposedSkill(
            [.. group.Select(index => requests[index].Id)],
            Array.ConvertAll(raw, value => (float)value),
            map.Space.Skills[nearest].Name,
            distances[nearest],
            map.Spread / Math.Max(spread, 1e-12));
    }

    private static double[][] Rows(Tensor matrix)
    {
        var (width, values) = ((int)matrix.shape[1], matrix.contiguous().data<double>().ToArray());
        return [.. values.Chunk(width)];
    }

    private static double[] Mean(List<double[]> rows)
    {
        var mean = new double[rows[0].Length];
        foreach (var row in rows)
        {
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += row[i] / rows.Count;
            }
        }

        return mean;
    }
}
