namespace DyLoraMoe.Core.Data;

/// <summary>Every held-out token exactly once, in an order that never changes. The last batch may have fewer rows.</summary>
public static class EvaluationPass
{
    /// <summary>Packed batches over all <paramref name="samples"/>; <see cref="PackedBatch.RowSamples"/> tells which is where.</summary>
    public static IEnumerable<PackedBatch> Over(IReadOnlyList<TokenizedSample> samples, BatchOptions options)
    {
        options.Validate();
        return Enumerable.Range(0, samples.Count)
            .Chunk(options.Window)
            .SelectMany(window => options.Pack
                ? Packer.Pack(samples, window, options.RowLength)
                : Packer.OnePerRow(samples, window, options.RowLength))
            .Chunk(options.Rows)
            .Select(rows => PackedBatch.Of(samples, rows, options.RowLength, options.PadId));
    }

    /// <summary>Consecutive windows over <paramref name="stream"/>: every token but the first is predicted once.</summary>
    public static IEnumerable<PackedBatch> OverStream(int[] stream, BatchOptions options)
    {
        options.Validate();
        var windows = Math.Max(0, stream.Length - 2 + options.RowLength) / options.RowLength;
        return Enumerable.Range(0, windows)
            .Select(window => window * options.RowLength)
            .Chunk(options.Rows)
            .Select(offsets => PackedBatch.OfWindows(stream, offsets, options.RowLength, options.PadId));
    }
}
