namespace DyLoraMoe.Core.Data;

/// <summary>
/// The batches of one optimizer step. For the same gradient as one large batch, sum the losses of the tokens of each and divide
/// by <see cref="LossTokens"/> of all, not by each batch's own count.
/// </summary>
public sealed class MicroBatches
{
    private MicroBatches(PackedBatch[] batches)
    {
        Batches = batches;
        Tokens = batches.Sum(batch => (long)batch.Tokens);
        LossTokens = batches.Sum(batch => (long)batch.LossTokens);
    }

    /// <summary>The batches, to be run one after the other.</summary>
    public IReadOnlyList<PackedBatch> Batches { get; }

    /// <summary>Positions with a sample, of all batches.</summary>
    public long Tokens { get; }

    /// <summary>Targets that count, of all batches.</summary>
    public long LossTokens { get; }

    /// <summary>Takes the next <paramref name="count"/> batches.</summary>
    public static MicroBatches Take(IBatchSource source, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var batches = new PackedBatch[count];
        for (var i = 0; i < count; i++)
        {
            batches[i] = source.Next();
        }

        return new MicroBatches(batches);
    }
}
