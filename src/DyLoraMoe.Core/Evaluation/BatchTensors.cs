using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>A packed batch on a device, less what its pass does not need. Tensors belong to the caller's dispose scope.</summary>
/// <remarks>Shapes: B rows, T positions that any row uses, N targets.</remarks>
internal sealed record BatchTensors
{
    private BatchTensors()
    {
    }

    /// <summary>Token ids, (B, T) int64.</summary>
    public required Tensor Ids { get; init; }

    /// <summary>What the targeted positions have to predict, (N) int64.</summary>
    public required Tensor Targets { get; init; }

    /// <summary>Where the targets are among B·T positions, (N) int64; null when they are everywhere.</summary>
    public required Tensor? At { get; init; }

    /// <summary>True where an Activated adapter acts, (B, T) bool; null when everywhere.</summary>
    public required Tensor? Active { get; init; }

    /// <summary>Packing of this batch; plain when every row is one sample, for then causal attention is mask enough.</summary>
    public required ForwardOptions Packing { get; init; }

    public static BatchTensors From(PackedBatch batch, Device device)
    {
        var columns = UsedColumns(batch);
        long[] shape = [batch.Rows, columns];
        var targets = Columns(batch.Targets, batch, columns);
        var counted = Enumerable.Range(0, targets.Length).Where(at => targets[at] != PackedBatch.IgnoredTarget).Select(at => (long)at).ToArray();
        var isEverywhere = counted.Length == targets.Length;
        var active = Columns(batch.Activated, batch, columns);
        var isPacked = batch.RowSamples.Any(samples => samples.Length > 1);
        return new BatchTensors
        {
            Ids = tensor(Columns(batch.InputIds, batch, columns), shape, device: device),
            Targets = tensor(isEverywhere ? targets : Array.ConvertAll(counted, at => targets[at]), device: device),
            At = isEverywhere ? null : tensor(counted, device: device),
            Active = Array.TrueForAll(active, acts => acts) ? null : tensor(active, shape, device: device),
            Packing = isPacked
                ? new ForwardOptions
                {
                    Segments = tensor(Columns(batch.SegmentIds, batch, columns), shape, device: device),
                    Positions = tensor(Columns(batch.PositionIds, batch, columns), shape, device: device),
                    PositionsEnd = columns,
                }
                : ForwardOptions.Plain,
        };
    }

    /// <summary>The same batch with only <paramref name="count"/> targets, from <paramref name="first"/> on.</summary>
    public BatchTensors Slice(long first, long count) => this with
    {
        Targets = Targets.narrow(0, first, count),
        At = At?.narrow(0, first, count) ?? arange(first, first + count, device: Targets.device),
    };

    private static int UsedColumns(PackedBatch batch)
    {
        if (batch.Tokens == batch.Rows * batch.Length)
        {
            return batch.Length;
        }

        var used = 1;
        for (var row = 0; row < batch.Rows; row++)
        {
            used = Math.Max(used, batch.SegmentIds.AsSpan(row * batch.Length, batch.Length).LastIndexOfAnyExcept(0L) + 1);
        }

        return used;
    }

    private static T[] Columns<T>(T[] values, PackedBatch batch, int columns)
    {
        if (columns == batch.Length)
        {
            return values;
        }

        var kept = new T[batch.Rows * columns];
        for (var row = 0; row < batch.Rows; row++)
        {
            Array.Copy(values, row * batch.Length, kept, row * columns, columns);
        }

        return kept;
    }
}
