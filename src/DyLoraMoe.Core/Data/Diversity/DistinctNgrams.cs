namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>Distinct-n (Li et al., https://arxiv.org/abs/1510.03055): different n-grams of tokens as a share of all. It falls as samples are added, so only equally many are comparable.</summary>
public static class DistinctNgrams
{
    /// <summary>The share over all sequences together.</summary>
    /// <param name="sequences">Token ids; sequences shorter than <paramref name="n"/> have no n-gram.</param>
    /// <param name="n">Tokens of an n-gram, at least 1.</param>
    /// <returns>Above 0 to 1; 0 where there is no n-gram.</returns>
    public static double Share(IEnumerable<int[]> sequences, int n)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var (all, distinct) = (0L, new HashSet<ulong>());
        foreach (var ids in sequences.Where(ids => ids.Length >= n))
        {
            all += ids.Length - n + 1;
            distinct.UnionWith(NgramSet.Of(ids, n));
        }

        return all == 0 ? 0 : (double)distinct.Count / all;
    }
}
