using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Groups requests in the whitened space by average linkage: the two groups whose members are nearest to each other on average become one, until no two are
/// near. Near is what two prompts of one known skill usually are. Those may be much alike, though, and what is new is looser then in their terms: so groups
/// are near as well whose members are clearly nearer to each other than to every known skill.
/// </summary>
/// <param name="map">The known skills.</param>
internal sealed class RequestGrouping(NoveltyMap map)
{
    private const double NearMeans = 0.75;

    // Prompts of one kind are apart by about half of the way to the nearest skill, those of two kinds by about all of it.
    private const double ClearlyNearer = 0.7;

    public IReadOnlyList<ProposedSkill> Of(IReadOnlyList<NovelRequest> requests, int least, IReadOnlyList<IReadOnlyList<float>> proposed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var points = Whitened([.. requests.Select(request => request.Vector)]);
        var known = proposed.Count == 0 ? [] : Whitened(proposed);
        return [.. Groups(points)
            .Where(group => group.Count >= least)
            .Select(group => (Members: group, Center: Mean(group.ConvertAll(index => points[index]))))
            .Select(group => (group.Members, group.Center, Spread: group.Members.Average(index => Vectors.Distance(group.Center, points[index]))))
            .Where(group => Array.TrueForAll(known, earlier => IsApart(Vectors.Distance(earlier, group.Center), group.Spread)))
            .Select(group => (Skill: Describe(requests, group.Members, group.Center, group.Spread), group.Spread))
            .Where(group => IsApart(group.Skill.Distance, group.Spread))
            .Select(group => group.Skill)
            .OrderByDescending(group => group.Count)];
    }

    // Two halves of one kind have means that lie nearer to each other than prompts lie to a mean.
    private bool IsApart(double means, double spread) => means > NearMeans * Math.Max(map.Spread, spread);

    private double[][] Whitened(IReadOnlyList<IReadOnlyList<float>> vectors)
    {
        var whitened = map.Space.Whiten(tensor(vectors.SelectMany(vector => vector).ToArray(), [vectors.Count, vectors[0].Count]).to_type(ScalarType.Float64));
        return [.. whitened.contiguous().data<double>().ToArray().Chunk(map.Dimensions)];
    }

    private List<List<int>> Groups(double[][] points)
    {
        var away = map.Space.Distances(tensor(points.SelectMany(point => point).ToArray(), [points.Length, map.Dimensions])).min(1).values.data<double>().ToArray();
        var between = Array.ConvertAll(points, one => Array.ConvertAll(points, other => Vectors.Distance(one, other)));
        var groups = points.Select((_, index) => new List<int> { index }).ToList();
        while (Nearest(groups, between, away) is var (kept, gone))
        {
            var (here, there) = ((double)groups[kept].Count, (double)groups[gone].Count);
            var all = here + there;
            for (var other = 0; other < groups.Count; other++)
            {
                between[kept][other] = between[other][kept] = ((between[kept][other] * here) + (between[gone][other] * there)) / all;
            }

            away[kept] = ((away[kept] * here) + (away[gone] * there)) / all;
            groups[kept].AddRange(groups[gone]);
            groups[gone] = [];
        }

        return groups.ConvertAll(group => group.Order().ToList());
    }

    private (int Kept, int Gone)? Nearest(List<List<int>> groups, double[][] between, double[] away)
    {
        var (nearest, least) = (((int, int)?)null, double.PositiveInfinity);
        for (var one = 0; one < groups.Count; one++)
        {
            for (var other = one + 1; other < groups.Count; other++)
            {
                var distance = between[one][other];
                if (distance < least && groups[one].Count > 0 && groups[other].Count > 0 && distance <= Math.Max(map.Reach, ClearlyNearer * Math.Min(away[one], away[other])))
                {
                    (nearest, least) = ((one, other), distance);
                }
            }
        }

        return nearest;
    }

    private ProposedSkill Describe(IReadOnlyList<NovelRequest> requests, List<int> group, double[] center, double spread)
    {
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
