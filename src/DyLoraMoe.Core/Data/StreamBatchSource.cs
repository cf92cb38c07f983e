using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DyLoraMoe.Core.Data;

/// <summary>
/// Batches of random windows from one long token stream, as nanoGPT trains on plain text. Windows are drawn with replacement,
/// from the seed and the batch's number alone; an epoch is as many tokens as the stream has.
/// </summary>
public sealed class StreamBatchSource : IBatchSource
{
    private static readonly ulong Purpose = SeededRandom.Key("stream windows");

    private readonly int[] _stream;
    private readonly BatchOptions _options;

    /// <summary>A source over <paramref name="stream"/>, which must not change while it is used.</summary>
    public StreamBatchSource(int[] stream, BatchOptions options)
    {
        options.Validate();
        if (stream.Length < options.RowLength + 1)
        {
            throw new ArgumentException(
                $"A row of {options.RowLength} positions needs a stream of at least {options.RowLength + 1} tokens, found {stream.Length}; give more text or shorter rows.", nameof(stream));
        }

        _stream = stream;
        _options = options;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(stream.AsSpan()));
        State = new BatchSourceState { Fingerprint = BatchFingerprint.Of("stream", hash, options) };
    }

    /// <inheritdoc/>
    public BatchSourceState State { get; private set; }

    /// <inheritdoc/>
    public double EpochsSeen => (double)State.Tokens / _stream.Length;

    /// <inheritdoc/>
    public PackedBatch Next()
    {
        var random = new SeededRandom(_options.Seed, Purpose, (ulong)State.Batches);
        var offsets = new int[_options.Rows];
        for (var row = 0; row < offsets.Length; row++)
        {
            offsets[row] = random.Next(_stream.Length - _options.RowLength);
        }

        GoTo(State.Batches + 1);
        return PackedBatch.OfWindows(_stream, offsets, _options.RowLength, _options.PadId);
    }

    /// <inheritdoc/>
    public void Restore(BatchSourceState state)
    {
        BatchFingerprint.Require(State.Fingerprint, state);
        State = state;
    }

    /// <summary>Goes to where it is after some batches. Every window is full, so that all follows from their number.</summary>
    internal void GoTo(long batches)
    {
        var tokens = batches * _options.Rows * _options.RowLength;
        State = State with { Batches = batches, Epoch = tokens / _stream.Length, Tokens = tokens, LossTokens = tokens, Samples = batches * _options.Rows };
    }
}
