namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// Names candidates for near duplicates by the rarest n-grams that they share (Bayardo, Ma and Srikant, "Scaling up all pairs similarity search", 2007,
/// https://doi.org/10.1145/1242572.1242591). Two sets whose Jaccard similarity reaches t have <c>t |x|</c> n-grams of the larger in common, and <c>2t/(1 + t) |y|</c> of the smaller.
/// So with n-grams in one order, the first that they share is among the first <c>|x| − ⌈t |x|⌉ + 1</c> of the one and the first <c>|y| − ⌈2t/(1 + t) |y|⌉ + 1</c> of the other.
/// The rarest stand first: what most sequences have in common, such as a template, names nobody unless it alone makes them nearly alike.
/// </summary>
/// <remarks>Sets are added in the order of their sizes, the smallest first.</remarks>
internal sealed class RareNgrams
{
    /// <summary>Most candidates of one set. Its duplicates share its rarest n-grams and so come first; without a bound, sequences of nothing but common n-grams would all be compared with all.</summary>
    public const int MostCandidates = 512;

    // Products of a threshold and a size are not exact.
    private const double Slack = 1e-9;

    // How often n-grams occur is counted by their first bits: where two share them the order is another one, and as good.
    private const int Bits = 22;

    private readonly ulong[][] _sets;
    private readonly double _threshold;
    private readonly int[] _counts = new int[1 << Bits];
    private readonly Dictionary<ulong, int> _last = [];
    private readonly List<(int Place, int Before)> _entries = [];
    private readonly int[] _namedFor;

    /// <summary>Counts n-grams; nothing is added yet.</summary>
    /// <param name="sets">All sets, each sorted.</param>
    /// <param name="places">Places of those that count.</param>
    /// <param name="threshold">The similarity from which on two are alike.</param>
    public RareNgrams(ulong[][] sets, IEnumerable<int> places, double threshold)
    {
        (_sets, _threshold) = (sets, threshold);
        _namedFor = [.. Enumerable.Repeat(-1, sets.Length)];
        foreach (var ngram in places.SelectMany(place => sets[place]))
        {
            _counts[CellOf(ngram)]++;
        }
    }

    /// <summary>Places of sets added before that may be alike to one, each once, at most <see cref="MostCandidates"/>.</summary>
    /// <param name="place">The place of a set that is not smaller than any of them.</param>
    public IEnumerable<int> CandidatesOf(int place)
    {
        var (smallest, left) = ((_threshold * _sets[place].Length) - Slack, MostCandidates);
        foreach (var ngram in First(_sets[place], _threshold))
        {
            for (var at = _last.GetValueOrDefault(ngram, -1); at >= 0 && left > 0 && _sets[_entries[at].Place].Length >= smallest; at = _entries[at].Before)
            {
                var candidate = _entries[at].Place;
                if (_namedFor[candidate] != place)
                {
                    _namedFor[candidate] = place;
                    left--;
                    yield return candidate;
                }
            }
        }
    }

    /// <summary>Adds a set.</summary>
    /// <param name="place">Its place.</param>
    public void Add(int place)
    {
        foreach (var ngram in First(_sets[place], 2 * _threshold / (1 + _threshold)))
        {
            _entries.Add((place, _last.GetValueOrDefault(ngram, -1)));
            _last[ngram] = _entries.Count - 1;
        }
    }

    // Those of which one is shared where a share of the set is. What occurs once is in no other.
    private IEnumerable<ulong> First(ulong[] set, double share) => set
        .OrderBy(ngram => _counts[CellOf(ngram)])
        .Take(set.Length - (int)Math.Ceiling((share * set.Length) - Slack) + 1)
        .Where(ngram => _counts[CellOf(ngram)] > 1);

    private static int CellOf(ulong ngram) => (int)(ngram >> (64 - Bits));
}
