namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Draws a token: temperature, top-k, top-p (nucleus), then a draw.
/// See <see href="https://arxiv.org/abs/1904.09751">The curious case of neural text degeneration</see>.
/// </summary>
internal static class Nucleus
{
    /// <summary>Draws among the scores of one row.</summary>
    /// <param name="scores">Score of every token.</param>
    /// <param name="settings">Temperature above 0, top-k and top-p.</param>
    /// <param name="draw">Uniform in [0, 1).</param>
    public static int Draw(ReadOnlySpan<float> scores, SamplingSettings settings, double draw)
    {
        var largest = float.NegativeInfinity;
        foreach (var score in scores)
        {
            largest = Math.Max(largest, score);
        }

        var (shares, sum) = (new double[scores.Length], 0.0);
        for (var id = 0; id < scores.Length; id++)
        {
            shares[id] = Math.Exp((scores[id] - largest) / settings.Temperature);
            sum += shares[id];
        }

        if (settings.TopP >= 1 && settings.TopK == 0)
        {
            return Place(shares, draw * sum, static at => at);
        }

        var ids = Candidates(shares, sum, settings);
        var kept = Array.ConvertAll(ids, id => shares[id]);
        return Place(kept, draw * kept.Sum(), at => ids[at]);
    }

    // The tokens to draw among, likeliest first.
    private static int[] Candidates(double[] shares, double sum, SamplingSettings settings)
    {
        // Tokens below this share weigh less than 1 - p together, so none of them can be among the fewest that reach p.
        var least = settings.TopP < 1 ? (1 - settings.TopP) * sum / shares.Length : 0;
        var ids = Enumerable.Range(0, shares.Length).Where(id => shares[id] >= least && shares[id] > 0).ToArray();
        SortByShare(ids, shares);
        var count = settings.TopK > 0 ? Math.Min(settings.TopK, ids.Length) : ids.Length;
        var total = settings.TopK > 0 ? ids.Take(count).Sum(id => shares[id]) : sum;
        var (kept, reached) = (0, 0.0);
        while (kept < count && (kept == 0 || settings.TopP >= 1 || reached < settings.TopP * total))
        {
            reached += shares[ids[kept++]];
        }

        return ids[..kept];
    }

    // Likeliest first, those that are alike by their ids: numbers are sorted several times as fast as by a comparison of one's own.
    private static void SortByShare(int[] ids, double[] shares)
    {
        var keys = Array.ConvertAll(ids, id => -shares[id]);
        Array.Sort(keys, ids);
        for (int first = 0, next = 1; first < ids.Length; first = next++)
        {
            while (next < ids.Length && keys[next] == keys[first])
            {
                next++;
            }

            Array.Sort(ids, first, next - first);
        }
    }

    private static int Place(double[] shares, double target, Func<int, int> idOf)
    {
        var (reached, last) = (0.0, 0);
        for (var at = 0; at < shares.Length; at++)
        {
            if (shares[at] > 0)
            {
                reached += shares[at];
                last = at;
                if (reached > target)
                {
                    break;
                }
            }
        }

        return idOf(last);
    }
}
