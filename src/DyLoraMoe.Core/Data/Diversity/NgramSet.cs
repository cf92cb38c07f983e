namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// The set of a sequence's token n-grams, each as a 64-bit hash; that two different n-grams share one is left out of account.
/// A sequence shorter than n is one n-gram.
/// </summary>
internal static class NgramSet
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>The n-grams, sorted, each once.</summary>
    public static ulong[] Of(ReadOnlySpan<int> ids, int n)
    {
        var count = Math.Max(1, ids.Length - n + 1);
        var hashes = new ulong[count];
        for (var start = 0; start < count; start++)
        {
            hashes[start] = Hash(ids.Slice(start, Math.Min(n, ids.Length - start)));
        }

        Array.Sort(hashes);
        var distinct = 1;
        for (var i = 1; i < count; i++)
        {
            if (hashes[i] != hashes[distinct - 1])
            {
                hashes[distinct++] = hashes[i];
            }
        }

        return hashes[..distinct];
    }

    /// <summary>Whether the Jaccard similarity of two sorted sets, shared by all, reaches a threshold; looks no further than where it no longer can.</summary>
    public static bool AreAlike(ulong[] a, ulong[] b, double threshold)
    {
        var least = (int)Math.Ceiling((threshold * (a.Length + b.Length) / (1 + threshold)) - 1e-9);
        var (i, j, shared) = (0, 0, 0);
        while (i < a.Length && j < b.Length && shared + Math.Min(a.Length - i, b.Length - j) >= least)
        {
            var order = a[i].CompareTo(b[j]);
            shared += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return (double)shared / (a.Length + b.Length - shared) >= threshold;
    }

    /// <summary>A bijection of 64-bit numbers that scatters them: the finaliser of SplitMix64.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Hash(ReadOnlySpan<int> ids)
    {
        var hash = Golden * (ulong)(ids.Length + 1);
        foreach (var id in ids)
        {
            hash = Mix(hash ^ (uint)id) + Golden;
        }

        return hash;
    }
}
