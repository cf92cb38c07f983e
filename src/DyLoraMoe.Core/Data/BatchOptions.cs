namespace DyLoraMoe.Core.Data;

/// <summary>Shape and order of batches.</summary>
public sealed record BatchOptions
{
    /// <summary>Rows per batch.</summary>
    public int Rows { get; init; } = 8;

    /// <summary>Positions per row.</summary>
    public int RowLength { get; init; } = 256;

    /// <summary>Every shuffle follows from this.</summary>
    public ulong Seed { get; init; }

    /// <summary>Samples that are packed together. More waste less padding; fewer keep the order closer to uniform.</summary>
    public int Window { get; init; } = 512;

    /// <summary>Whether several samples share a row. Off gives one sample per row and much padding.</summary>
    public bool Pack { get; init; } = true;

    /// <summary>The id put where no sample is. It is never attended to and never counts, so any id of the vocabulary will do.</summary>
    public long PadId { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Window);
        ArgumentOutOfRangeException.ThrowIfNegative(PadId);
    }
}
