namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// Finds sequences that are nearly the same: the Jaccard similarity of their sets of token n-grams reaches a threshold. The rarest n-grams name candidates
/// (<see cref="RareNgrams"/>) and the exact similarity decides, so nothing is called a duplicate that is not. Groups are connected: who is like a member belongs to the
/// group. So groups do not depend on the order of the input, and what is kept has no near duplicates left.
/// </summary>
/// <remarks>
/// Deterministic. Time grows with the tokens, and each sequence is compared with at most <see cref="RareNgrams.MostCandidates"/> others: only among more that share nothing but
/// common n-grams may one be missed.
/// </remarks>
public static class NearDuplicates
{
    /// <summary>The groups of near duplicates.</summary>
    /// <param name="sequences">Token ids of every sequence; an empty one equals only empty ones.</param>
    /// <param name="options">When two are alike; the defaults when null.</param>
    /// <param name="cancellation">Stops between two sequences.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static NearDuplicateReport Find(IReadOnlyList<int[]> sequences, NearDuplicateOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        options ??= NearDuplicateOptions.Default;
        options.Validate();
        var sets = sequences.Select(SetOf).ToArray();
        var groups = new DisjointSets(sets.Length);
        var different = JoinEqual(sets, groups);
        different.Sort((a, b) => BySize(sets[a], sets[b]));
        var (rare, compared) = (new RareNgrams(sets, different, options.Threshold), 0L);
        foreach (var place in different)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var other in rare.CandidatesOf(place).Where(other => !groups.AreJoined(place, other)))
            {
                compared++;
                if (NgramSet.AreAlike(sets[place], sets[other], options.Threshold))
                {
                    groups.Join(place, other);
                }
            }

            rare.Add(place);
        }

        return new NearDuplicateReport(sets.Length, groups.OfTwoOrMore()) { Compared = compared };

        ulong[] SetOf(int[] ids)
        {
            cancellation.ThrowIfCancellationRequested();
            return NgramSet.Of(ids, options.Ngram);
        }
    }

    /// <summary>The groups of near duplicates among samples, prompt and answer together.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="tokens">Makes ids of texts.</param>
    /// <param name="options">When two are alike; the defaults when null.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    public static NearDuplicateReport Find(IReadOnlyList<Sample> samples, ITokenSource tokens, NearDuplicateOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(tokens);
        return Find([.. samples.Select(Ids)], options, cancellation);

        int[] Ids(Sample sample)
        {
            cancellation.ThrowIfCancellationRequested();
            return [.. tokens.Encode(sample.Prompt, addSpecialTokens: false), .. tokens.EncodeAnswer(sample.Answer)];
        }
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

    // By content where sizes are equal, so that which candidates a bound leaves out does not depend on the order of the input.
    private static int BySize(ulong[] a, ulong[] b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.AsSpan().SequenceCompareTo(b);

    private sealed class EqualSets : IEqualityComparer<ulong[]>
    {
        public static EqualSets Instance { get; } = new();

        public bool Equals(ulong[]? x, ulong[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ulong[] set) => set.Aggregate(0UL, (hash, element) => NgramSet.Mix(hash ^ element)).GetHashCode();
    }
}
