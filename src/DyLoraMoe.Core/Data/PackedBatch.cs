namespace DyLoraMoe.Core.Data;

/// <summary>
/// Rows of fixed length, each holding several samples one after the other. All arrays are row-major [B, T] with B rows and T
/// positions, ready to become tensors with one copy. Attention must be allowed only between equal, non-zero segment ids.
/// </summary>
public sealed class PackedBatch
{
    /// <summary>The target that the loss ignores, as in PyTorch.</summary>
    public const long IgnoredTarget = -100;

    private PackedBatch(int rows, int length, long padId)
    {
        Rows = rows;
        Length = length;
        InputIds = new long[rows * length];
        Targets = new long[rows * length];
        PositionIds = new long[rows * length];
        SegmentIds = new long[rows * length];
        Activated = new bool[rows * length];
        RowSamples = new int[rows][];
        Array.Fill(InputIds, padId);
        Array.Fill(Targets, IgnoredTarget);
    }

    /// <summary>B, the number of rows.</summary>
    public int Rows { get; }

    /// <summary>T, positions per row.</summary>
    public int Length { get; }

    /// <summary>[B, T] ids; the padding id where no sample is.</summary>
    public long[] InputIds { get; }

    /// <summary>[B, T] the id each position has to predict, <see cref="IgnoredTarget"/> where no loss counts.</summary>
    public long[] Targets { get; }

    /// <summary>[B, T] position within the sample, from 0 for each; 0 on padding.</summary>
    public long[] PositionIds { get; }

    /// <summary>[B, T] 1, 2, ... for the samples of a row; 0 on padding.</summary>
    public long[] SegmentIds { get; }

    /// <summary>
    /// [B, T] true where an <c>Activated</c> adapter acts: positions at or after their sample's
    /// <see cref="TokenizedSample.InvocationStart"/>. False on padding.
    /// </summary>
    public bool[] Activated { get; }

    /// <summary>For each row, the index of the sample behind segment 1, 2, ...; stream batches give window offsets instead.</summary>
    public int[][] RowSamples { get; }

    /// <summary>Positions that hold a sample.</summary>
    public int Tokens { get; private set; }

    /// <summary>Targets that count in the loss.</summary>
    public int LossTokens { get; private set; }

    /// <summary>Fills one row per entry of <paramref name="rows"/> with the samples of these indices, in this order.</summary>
    public static PackedBatch Of(IReadOnlyList<TokenizedSample> samples, IReadOnlyList<int[]> rows, int length, long padId = 0)
    {
        var batch = new PackedBatch(rows.Count, length, padId);
        for (var row = 0; row < rows.Count; row++)
        {
            batch.FillRow(row, samples, rows[row]);
        }

        return batch;
    }

    /// <summary>One window of a token stream per entry of <paramref name="offsets"/>; every position counts in the loss and is activated.</summary>
    public static PackedBatch OfWindows(ReadOnlySpan<int> stream, ReadOnlySpan<int> offsets, int length, long padId = 0)
    {
        var batch = new PackedBatch(offsets.Length, length, padId);
        for (var row = 0; row < offsets.Length; row++)
        {
            batch.RowSamples[row] = [offsets[row]];
            var ids = stream.Slice(offsets[row], Math.Min(length + 1, stream.Length - offsets[row]));
            batch.FillSegment(row * length, ids, segment: 1, lossStart: 0, invocationStart: 0);
        }

        return batch;
    }

    private void FillRow(int row, IReadOnlyList<TokenizedSample> samples, int[] indices)
    {
        RowSamples[row] = indices;
        var used = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            var sample = samples[indices[i]];
            if (used + sample.Positions > Length)
            {
                throw new ArgumentException(
                    $"Row {row} has {Length} positions, of which {used} are taken, but sample {indices[i]} needs {sample.Positions}.", nameof(indices));
            }

            FillSegment((row * Length) + used, sample.Ids, i + 1, sample.LossStart, sample.InvocationStart);
            used += sample.Positions;
        }
    }

    private void FillSegment(int at, ReadOnlySpan<int> ids, int segment, int lossStart, int invocationStart)
    {
        for (var i = 0; i < ids.Length - 1; i++)
        {
            InputIds[at + i] = ids[i];
            PositionIds[at + i] = i;
            SegmentIds[at + i] = segment;
            Activated[at + i] = i >= invocationStart;
            if (i + 1 >= lossStart)
            {
                Targets[at + i] = ids[i + 1];
                LossTokens++;
            }
        }

        Tokens += ids.Length - 1;
    }
}
