using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Core.Training.Distillation;

namespace DyLoraMoe.Core.Data;

/// <summary>Batches of two texts, one to be learnt from a teacher and one from its own tokens, as a <see cref="Handover"/> says. Where it stands is a number of batches.</summary>
public sealed class HandoverSource : IBatchSource
{
    private readonly StreamBatchSource _taught;
    private readonly StreamBatchSource _data;
    private readonly Handover _handover;

    /// <summary>A source over two texts, which must not change while it is used.</summary>
    /// <param name="taught">What a teacher is asked about.</param>
    /// <param name="data">What is learnt from its own tokens.</param>
    /// <param name="handover">Which batch is which.</param>
    /// <param name="options">Shape and seed of the batches.</param>
    public HandoverSource(int[] taught, int[] data, Handover handover, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(handover);
        (_taught, _data, _handover) = (new StreamBatchSource(taught, options), new StreamBatchSource(data, options), handover);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{_taught.State.Fingerprint}/{_data.State.Fingerprint}/{handover}"));
        State = new BatchSourceState { Fingerprint = BatchFingerprint.Of("handover", hash, options) };
    }

    /// <inheritdoc/>
    public BatchSourceState State { get; private set; }

    /// <summary>How often the data have been seen, with fraction.</summary>
    public double EpochsSeen => _data.EpochsSeen;

    /// <summary>A source of both texts, or of the first alone where no batch is learnt from data.</summary>
    /// <param name="taught">What a teacher is asked about.</param>
    /// <param name="data">What is learnt from its own tokens; not read where no batch is.</param>
    /// <param name="handover">Which batch is which.</param>
    /// <param name="options">Shape and seed of the batches.</param>
    public static IBatchSource Open(int[] taught, int[] data, Handover handover, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(handover);
        return handover.UsesData ? new HandoverSource(taught, data, handover, options) : new StreamBatchSource(taught, options);
    }

    /// <inheritdoc/>
    public PackedBatch Next()
    {
        var batch = (_handover.IsData(State.Batches) ? _data : _taught).Next();
        Count();
        return batch;
    }

    /// <inheritdoc/>
    public void Restore(BatchSourceState state)
    {
        BatchFingerprint.Require(State.Fingerprint, state);
        var data = _handover.DataBefore(state.Batches);
        _data.GoTo(data);
        _taught.GoTo(state.Batches - data);
        Count();
    }

    private void Count()
    {
        var (taught, data) = (_taught.State, _data.State);
        State = State with
        {
            Batches = taught.Batches + data.Batches,
            Epoch = data.Epoch,
            Tokens = taught.Tokens + data.Tokens,
            LossTokens = taught.LossTokens + data.LossTokens,
            Samples = taught.Samples + data.Samples,
        };
    }
}
