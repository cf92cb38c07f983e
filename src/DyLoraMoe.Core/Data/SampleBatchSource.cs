using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DyLoraMoe.Core.Data;

/// <summary>
/// Batches of packed samples, shuffled anew in each epoch. Epoch e is a permutation that depends only on the seed and e; it is
/// cut into windows, each packed on its own and its rows shuffled. So the state is three numbers, and nothing of a random
/// generator has to be saved.
/// </summary>
public sealed class SampleBatchSource : IBatchSource
{
    private static readonly ulong EpochPurpose = SeededRandom.Key("epoch order");
    private static readonly ulong RowPurpose = SeededRandom.Key("row order");

    private readonly IReadOnlyList<TokenizedSample> _samples;
    private readonly BatchOptions _options;
    private readonly int _windows;
    private int[] _order = [];
    private long _orderEpoch = -1;
    private List<int[]> _rows = [];
    private (long Epoch, int Window) _rowsOf = (-1, -1);

    /// <summary>A source over <paramref name="samples"/>, which must not change while it is used.</summary>
    public SampleBatchSource(IReadOnlyList<TokenizedSample> samples, BatchOptions options)
    {
        options.Validate();
        if (samples.Count == 0)
        {
            throw new ArgumentException("Training needs at least one tokenised sample, found none.", nameof(samples));
        }

        Packer.OnePerRow(samples, [.. Enumerable.Range(0, samples.Count)], options.RowLength);
        _samples = samples;
        _options = options;
        _windows = (samples.Count + options.Window - 1) / options.Window;
        State = new BatchSourceState { Fingerprint = Fingerprint(samples, options) };
    }

    /// <inheritdoc/>
    public BatchSourceState State { get; private set; }

    /// <inheritdoc/>
    public double EpochsSeen => (double)State.Samples / _samples.Count;

    /// <inheritdoc/>
    public PackedBatch Next()
    {
        var rows = new List<int[]>(_options.Rows);
        var (epoch, window, row) = (State.Epoch, State.Window, State.Row);
        while (rows.Count < _options.Rows)
        {
            var current = RowsOf(epoch, window);
            rows.Add(current[row++]);
            if (row == current.Count)
            {
                (row, window) = (0, window + 1);
            }

            if (window == _windows)
            {
                (window, epoch) = (0, epoch + 1);
            }
        }

        var batch = PackedBatch.Of(_samples, rows, _options.RowLength, _options.PadId);
        State = State with
        {
            Batches = State.Batches + 1,
            Epoch = epoch,
            Window = window,
            Row = row,
            Tokens = State.Tokens + batch.Tokens,
            LossTokens = State.LossTokens + batch.LossTokens,
            Samples = State.Samples + rows.Sum(r => r.Length),
        };
        return batch;
    }

    /// <inheritdoc/>
    public void Restore(BatchSourceState state)
    {
        BatchFingerprint.Require(State.Fingerprint, state);
        if (state.Epoch < 0 || state.Window < 0 || state.Window >= _windows || state.Row < 0 || state.Row >= RowsOf(state.Epoch, state.Window).Count)
        {
            throw new InvalidDataException(
                $"The batch state points at epoch {state.Epoch}, window {state.Window}, row {state.Row}, which these {_samples.Count} samples do not have; the checkpoint is damaged.");
        }

        State = state;
    }

    private static string Fingerprint(IReadOnlyList<TokenizedSample> samples, BatchOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var sample in samples)
        {
            ReadOnlySpan<int> header = [sample.Ids.Length, sample.AnswerStart, sample.LossStart, sample.InvocationStart];
            hash.AppendData(MemoryMarshal.AsBytes(header));
            hash.AppendData(MemoryMarshal.AsBytes(sample.Ids.AsSpan()));
        }

        return BatchFingerprint.Of("samples", hash, options);
    }

    private List<int[]> RowsOf(long epoch, int window)
    {
        if (_rowsOf == (epoch, window))
        {
            return _rows;
        }

        if (_orderEpoch != epoch)
        {
            _order = [.. Enumerable.Range(0, _samples.Count)];
            new SeededRandom(_options.Seed, EpochPurpose, (ulong)epoch).Shuffle(_order.AsSpan());
            _orderEpoch = epoch;
        }

        var first = window * _options.Window;
        var members = _order[first..Math.Min(_order.Length, first + _options.Window)];
        _rows = _options.Pack
            ? Packer.Pack(_samples, members, _options.RowLength)
            : Packer.OnePerRow(_samples, members, _options.RowLength);
        new SeededRandom(_options.Seed, RowPurpose, (ulong)epoch, (ulong)window).Shuffle(CollectionsMarshal.AsSpan(_rows));
        _rowsOf = (epoch, window);
        return _rows;
    }
}
