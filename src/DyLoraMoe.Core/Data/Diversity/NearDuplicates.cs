namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// Finds sequences that are nearly the same: the Jaccard similarity of their sets of token n-grams reaches a threshold. MinHash with
/// locality-sensitive hashing names candidates and the exact similarity decides, so nothing is called a duplicate that is not, and a pair
/// at the threshold is missed about once in a million. Groups are connected: who is like a member belongs to the group. So groups do not
/// depend on the order of the input, and what is kept has no near duplicates left.
/// </summary>
/// <remarks>
/// Time grows with the tokens, and with the candidates that are not alike: texts that share most of a long template cost more. Deterministic.
/// </remarks>
public static class NearDuplicates
{
    /// <summary>The groups of near duplicates.</summary>
    /// <param name="sequences">Token ids of every sequence; an empty one equals only empty ones.</param>
    /// <param name="options">When two are alike; the defaults when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static NearDuplicateReport Find(IReadOnlyList<int[]> sequences, NearDuplicateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        options ??= NearDuplicateOptions.Default;
        options.Validate();
        var sets = sequences.Select(ids => NgramSet.Of(ids, options.Ngram)).ToArray();
        var groups = new DisjointSets(sets.Length);
        var different = JoinEqual(sets, groups);
        var hash = new MinHash(options.Threshold);
        var bands = different.ConvertAll(place => hash.BandsOf(sets[place]));
        for (var band = 0; band < hash.Bands; band++)
        {
            foreach (var bucket in Enumerable.Range(0, different.Count).GroupBy(index => bands[index][band], index => different[index]))
            {
                JoinAlike([.. bucket], sets, groups, options.Threshold);
            }
        }

        return new NearDuplicateReport(sets.Length, groups.OfTwoOrMore());
    }

    /// <summary>The groups of near duplicates among samples, prompt and answer together.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="tokens">Makes ids of texts.</param>
    /// <param name="options">When two are alike; the defaults when null.</param>
    public static NearDuplicateReport Find(IReadOnlyList<Sample> samples, ITokenSource tokens, NearDuplicateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(tokens);
        return Find([.. samples.Select(Ids)], options);

        int[] Ids(Sample sample) => [.. tokens.Encode(sample.Prompt, addSpecialTokens: false), .. tokens.EncodeAnswer(sample.Answer)];
    }

    // Equal sets are joined by one look-up each, however many there are; the first of each is left to be compared.
    private static List<int> JoinEqual(ulong[][] sets, DisjointSets groups)
    {
        var seen = new Dictionary<ulong[], int>(sets.Length, EqualSets.Instance);
        var different = new List<int>();
        for (var place = 0; place < sets.Length; place++)
        {
            if (seen.TryAdd(sets[place], place))
            {
                different.Add(place);
            }
            else
            {
                groups.Join(seen[sets[place]], place);
            }
        }

        return different;
    }

    private static void JoinAlike(int[] bucket, ulong[][] sets, DisjointSets groups, double threshold)
    {
        for (var i = 1; i < bucket.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (sets[bucket[i]], sets[bucket[j]]);
                if (MayReach(a, b, threshold) && !groups.AreJoined(bucket[i], bucket[j]) && NgramSet.Jaccard(a, b) >= threshold)
                {
                    groups.Join(bucket[i], bucket[j]);
                }
            }
        }
    }

    // The similarity is at most the smaller set by the larger.
    private static bool MayReach(ulong[] a, ulong[] b, double threshold) => Math.Min(a.Length, b.Length) >= threshold * Math.Max(a.Length, b.Length);

    private sealed class EqualSets : IEqualityComparer<ulong[]>
    {
        public static EqualSets Instance { get; } = new();

        public bool Equals(ulong[]? x, ulong[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ulong[] set) => set.Aggregate(0UL, (hash, element) => NgramSet.Mix(hash ^ element)).GetHashCode();
    }
}
