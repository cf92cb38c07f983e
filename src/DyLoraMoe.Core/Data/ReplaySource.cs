using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DyLoraMoe.Core.Data.Mixing;

namespace DyLoraMoe.Core.Data;

/// <summary>
/// New samples mixed with replay of earlier skills: a whole percent of the tokens is replay, and every earlier skill has the same
/// share of that, however much data it has; or every part has a share of its own (<see cref="MixPart"/>). Each window takes the next
/// samples of every part's own endless, seeded sequence of shuffles and packs them together, so rows may mix skills, and where the
/// source stands is the number of a window and of a row.
/// </summary>
/// <remarks>
/// Shares are of tokens, not of samples, because a skill of long samples would otherwise crowd out one of short samples: part k
/// gives samples in proportion to share / mean length.
/// </remarks>
public sealed class ReplaySource : IBatchSource
{
    private static readonly ulong EpochPurpose = SeededRandom.Key("replay epoch order");
    private static readonly ulong RowPurpose = SeededRandom.Key("replay row order");

    private readonly IReadOnlyList<TokenizedSample> _samples;
    private readonly Part[] _parts;
    private readonly BatchOptions _options;
    private List<int[]> _rows = [];
    private int _rowsOf = -1;

    /// <summary>Mixes; with nothing to mix in, use <see cref="Open"/>.</summary>
    /// <param name="fresh">The new samples.</param>
    /// <param name="replay">Samples of every earlier skill; one list a skill.</param>
    /// <param name="percent">Share of the tokens that is replay, 1 to 99.</param>
    /// <param name="options">Shape and seed of the batches.</param>
    public ReplaySource(IReadOnlyList<TokenizedSample> fresh, IReadOnlyList<IReadOnlyList<TokenizedSample>> replay, int percent, BatchOptions options)
        : this(EqualParts(fresh, replay, percent), options, "replay", MemoryMarshal.AsBytes((ReadOnlySpan<int>)[percent]).ToArray())
    {
    }

    /// <summary>Mixes parts that each have a share of their own.</summary>
    /// <param name="parts">The parts, the new samples first; their shares add to 100.</param>
    /// <param name="options">Shape and seed of the batches.</param>
    public ReplaySource(IReadOnlyList<MixPart> parts, BatchOptions options)
        : this(RequireShares(parts), options, "mix", MemoryMarshal.AsBytes<double>(parts.Select(part => part.Share).ToArray()).ToArray())
    {
    }

    private ReplaySource(IReadOnlyList<MixPart> parts, BatchOptions options, string kind, byte[] shares)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        for (var k = 0; k < parts.Count; k++)
        {
            Require(parts[k].Samples.Count > 0, $"{(k == 0 ? "The new data have" : $"Earlier skill {k} has")} no samples; every part of a mixture needs at least one.");
        }

        _samples = [.. parts.SelectMany(part => part.Samples)];
        Packer.OnePerRow(_samples, [.. Enumerable.Range(0, _samples.Count)], options.RowLength);
        _options = options;
        _parts = Parts(parts, options.Window);
        State = new BatchSourceState { Fingerprint = Fingerprint(parts, options, kind, shares) };
    }

    /// <inheritdoc/>
    public BatchSourceState State { get; private set; }

    /// <summary>How often the new data have been seen, with fraction.</summary>
    public double EpochsSeen
    {
        get
        {
            var (from, to) = _parts[0].Range(State.Window);
            return (from + ((to - from) * (double)State.Row / RowsOf(State.Window).Count)) / _parts[0].Count;
        }
    }

    /// <summary>A source of new samples with replay, or of the new samples alone where the percent is 0 or there is no earlier skill.</summary>
    /// <param name="fresh">The new samples.</param>
    /// <param name="replay">Samples of every earlier skill; one list a skill.</param>
    /// <param name="percent">Share of the tokens that is replay, 0 to 99.</param>
    /// <param name="options">Shape and seed of the batches.</param>
    public static IBatchSource Open(IReadOnlyList<TokenizedSample> fresh, IReadOnlyList<IReadOnlyList<TokenizedSample>> replay, int percent, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(replay);
        RequirePercent(percent, least: 0);
        return percent == 0 || replay.Count == 0 ? new SampleBatchSource(fresh, options) : new ReplaySource(fresh, replay, percent, options);
    }

    /// <inheritdoc/>
    public PackedBatch Next()
    {
        var rows = new List<int[]>(_options.Rows);
        var (window, row) = (State.Window, State.Row);
        while (rows.Count < _options.Rows)
        {
            var current = RowsOf(window);
            if (row < current.Count)
            {
                rows.Add(current[row++]);
            }

            if (row >= current.Count)
            {
                (row, window) = (0, checked(window + 1));
            }
        }

        var batch = PackedBatch.Of(_samples, rows, _options.RowLength, _options.PadId);
        State = State with
        {
            Batches = State.Batches + 1,
            Window = window,
            Row = row,
            Epoch = _parts[0].Range(window).From / _parts[0].Count,
            Tokens = State.Tokens + batch.Tokens,
            LossTokens = State.LossTokens + batch.LossTokens,
            Samples = State.Samples + rows.Sum(r => r.Length),
        };
        return batch;
    }

    /// <inheritdoc/>
    public void Restore(BatchSourceState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        BatchFingerprint.Require(State.Fingerprint, state);
        if (state.Window < 0 || state.Row < 0 || state.Row >= Math.Max(1, RowsOf(state.Window).Count))
        {
            throw new InvalidDataException($"The batch state points at window {state.Window}, row {state.Row}, which this mixture does not have; the checkpoint is damaged.");
        }

        State = state;
    }

    private static MixPart[] EqualParts(IReadOnlyList<TokenizedSample> fresh, IReadOnlyList<IReadOnlyList<TokenizedSample>> replay, int percent)
    {
        ArgumentNullException.ThrowIfNull(fresh);
        ArgumentNullException.ThrowIfNull(replay);
        RequirePercent(percent, least: 1);
        Require(replay.Count > 0, "Replay needs at least one earlier skill, found none.");
        return [new MixPart(fresh, 100 - percent), .. replay.Select(list => new MixPart(list, (double)percent / replay.Count))];
    }

    private static IReadOnlyList<MixPart> RequireShares(IReadOnlyList<MixPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var shares = string.Join(", ", parts.Select(part => FormattableString.Invariant($"{part.Share:0.###}")));
        Require(
            parts.Count > 0 && parts.All(part => part.Share > 0) && Math.Abs(parts.Sum(part => part.Share) - 100) < 1e-6,
            $"The shares of a mixture are above 0 and add to 100, found {(parts.Count == 0 ? "none" : shares)}.");
        return parts;
    }

    private static Part[] Parts(IReadOnlyList<MixPart> mix, int longest)
    {
        // Samples of part k per token of the mixture; their sum is the mixture's samples per token.
        var rates = mix.Select(part => part.Share / part.Samples.Average(sample => sample.Positions)).ToArray();
        var all = rates.Sum();

        // No longer than one pass over the new data, or a sample could meet itself in one window.
        var window = Math.Clamp(mix[0].Samples.Count * all / rates[0], 1, longest);
        var first = 0;
        var parts = new Part[mix.Count];
        for (var k = 0; k < mix.Count; k++)
        {
            parts[k] = new Part((ulong)k, first, mix[k].Samples.Count, window * rates[k] / all);
            first += mix[k].Samples.Count;
        }

        return parts;
    }

    // Before each list come the shares of all.
    private static string Fingerprint(IReadOnlyList<MixPart> parts, BatchOptions options, string kind, byte[] shares)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (list, _) in parts)
        {
            hash.AppendData(shares);
            hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[list.Count]));
            foreach (var sample in list)
            {
                hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[sample.Ids.Length, sample.AnswerStart, sample.LossStart, sample.InvocationStart]));
                hash.AppendData(MemoryMarshal.AsBytes(sample.Ids.AsSpan()));
            }
        }

        return BatchFingerprint.Of(kind, hash, options);
    }

    private List<int[]> RowsOf(int window)
    {
        if (_rowsOf == window)
        {
            return _rows;
        }

        int[] members = [.. _parts.SelectMany(part => part.Of(window, _options.Seed))];
        _rows = _options.Pack ? Packer.Pack(_samples, members, _options.RowLength) : Packer.OnePerRow(_samples, members, _options.RowLength);
        new SeededRandom(_options.Seed, RowPurpose, (ulong)window).Shuffle(CollectionsMarshal.AsSpan(_rows));
        _rowsOf = window;
        return _rows;
    }

    private static void RequirePercent(int percent, int least) =>
        Require(percent >= least && percent <= 99, $"The replay percent is {percent}, expected {least} to 99.");

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ArgumentException(problem);
        }
    }

    /// <summary>One part of the mixture: <paramref name="Count"/> samples from <paramref name="First"/> on, <paramref name="PerWindow"/> of them a window on average.</summary>
    private sealed record Part(ulong Index, int First, int Count, double PerWindow)
    {
        private int[] _order = [];
        private long _orderEpoch = -1;

        /// <summary>Places of the window's samples in the endless sequence. Rounded up, so that the first window has some of every part.</summary>
        public (long From, long To) Range(int window) => ((long)Math.Ceiling(window * PerWindow), (long)Math.Ceiling((window + 1L) * PerWindow));

        public IEnumerable<int> Of(int window, ulong seed)
        {
            var (from, to) = Range(window);
            for (var place = from; place < to; place++)
            {
                yield return First + Order(place / Count, seed)[place % Count];
            }
        }

        private int[] Order(long epoch, ulong seed)
        {
            if (_orderEpoch != epoch)
            {
                _order = [.. Enumerable.Range(0, Count)];
                new SeededRandom(seed, EpochPurpose, Index, (ulong)epoch).Shuffle(_order.AsSpan());
                _orderEpoch = epoch;
            }

            return _order;
        }
    }
}
