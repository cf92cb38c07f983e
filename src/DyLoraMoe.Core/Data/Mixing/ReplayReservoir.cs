namespace DyLoraMoe.Core.Data.Mixing;

/// <summary>
/// A bounded memory of earlier skills: of every skill at most so many samples, each that was offered as likely to be among them (algorithm R,
/// Vitter, "Random sampling with a reservoir", 1985). So replay of many skills takes bounded memory, and no skill crowds out another.
/// Which samples are kept depends on the seed, the skill's name and the order of its samples alone, not on when other skills come.
/// </summary>
public sealed class ReplayReservoir
{
    private static readonly ulong Purpose = SeededRandom.Key("replay reservoir");

    private readonly SortedDictionary<string, Shelf> _shelves = new(StringComparer.Ordinal);
    private readonly int _capacity;
    private readonly ulong _seed;

    /// <summary>An empty reservoir.</summary>
    /// <param name="capacity">Most samples of a skill, at least 1.</param>
    /// <param name="seed">Decides what is kept.</param>
    public ReplayReservoir(int capacity, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (_capacity, _seed) = (capacity, seed);
    }

    /// <summary>The skills, sorted by name, and what is kept of each: the parts of a <see cref="ReplaySource"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<TokenizedSample>>> Skills =>
        [.. _shelves.Select(shelf => KeyValuePair.Create<string, IReadOnlyList<TokenizedSample>>(shelf.Key, [.. shelf.Value.Samples]))];

    /// <summary>Where every skill's reservoir stands; enough to go on, with the samples that were offered.</summary>
    public IReadOnlyDictionary<string, ReservoirState> State =>
        _shelves.ToDictionary(shelf => shelf.Key, shelf => new ReservoirState(shelf.Value.Seen, [.. shelf.Value.Kept]), StringComparer.Ordinal);

    /// <summary>What a reservoir keeps of one skill.</summary>
    /// <param name="skill">The skill's name.</param>
    /// <param name="samples">All its samples.</param>
    /// <param name="most">Most samples, at least 1; null for all.</param>
    /// <param name="seed">Decides what is kept.</param>
    public static IReadOnlyList<TokenizedSample> Keep(string skill, IReadOnlyList<TokenizedSample> samples, int? most, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (most is not { } capacity || samples.Count == 0)
        {
            return samples;
        }

        var reservoir = new ReplayReservoir(capacity, seed);
        reservoir.Offer(skill, samples);
        return reservoir.Skills[0].Value;
    }

    /// <summary>Offers the next samples of a skill.</summary>
    /// <param name="skill">The skill's name.</param>
    /// <param name="samples">The samples, in the order in which they come.</param>
    public void Offer(string skill, IEnumerable<TokenizedSample> samples)
    {
        ArgumentException.ThrowIfNullOrEmpty(skill);
        ArgumentNullException.ThrowIfNull(samples);
        if (!_shelves.TryGetValue(skill, out var shelf))
        {
            _shelves[skill] = shelf = new Shelf();
        }

        var key = SeededRandom.Key(skill);
        foreach (var sample in samples)
        {
            shelf.Offer(sample, _capacity, place => new SeededRandom(_seed, Purpose, key, (ulong)place));
        }
    }

    /// <summary>Goes on from a state, as if the reservoir had been offered the samples itself.</summary>
    /// <param name="capacity">Most samples of a skill, as before.</param>
    /// <param name="seed">As before.</param>
    /// <param name="state">The state.</param>
    /// <param name="sampleAt">The sample of a skill that was offered at a place, counted from 0.</param>
    /// <exception cref="InvalidDataException">The state is none of a reservoir of this capacity.</exception>
    public static ReplayReservoir Resume(int capacity, ulong seed, IReadOnlyDictionary<string, ReservoirState> state, Func<string, long, TokenizedSample> sampleAt)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sampleAt);
        var reservoir = new ReplayReservoir(capacity, seed);
        foreach (var (skill, (seen, kept)) in state)
        {
            if (kept.Count != Math.Min(seen, capacity) || kept.Distinct().Count() != kept.Count || kept.Any(place => place < 0 || place >= seen))
            {
                throw new InvalidDataException(
                    $"The state of skill '{skill}' keeps {kept.Count} of {seen} samples, expected {Math.Min(seen, capacity)} different ones of them; resume with the capacity that it was saved with, or start afresh.");
            }

            reservoir._shelves[skill] = new Shelf(seen, kept, kept.Select(place => sampleAt(skill, place)));
        }

        return reservoir;
    }

    private sealed class Shelf(long seen, IEnumerable<long> kept, IEnumerable<TokenizedSample> samples)
    {
        public Shelf()
            : this(0, [], [])
        {
        }

        public long Seen { get; private set; } = seen;

        public List<long> Kept { get; } = [.. kept];

        public List<TokenizedSample> Samples { get; } = [.. samples];

        // The sample at place i stays with probability capacity / (i + 1), in the stead of any that is there.
        public void Offer(TokenizedSample sample, int capacity, Func<long, SeededRandom> randomAt)
        {
            var place = Seen++;
            if (place < capacity)
            {
                Kept.Add(place);
                Samples.Add(sample);
            }
            else if (randomAt(place).Next(checked((int)(place + 1))) is var at && at < capacity)
            {
                (Kept[at], Samples[at]) = (place, sample);
            }
        }
    }
}
