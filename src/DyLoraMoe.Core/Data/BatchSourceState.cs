namespace DyLoraMoe.Core.Data;

/// <summary>
/// Where an endless source of batches stands: enough to go on with exactly the batches that would have come next. Plain data,
/// made to be written into a checkpoint as JSON.
/// </summary>
public sealed record BatchSourceState
{
    /// <summary>Digest of data, shape and seed; a source refuses a state of another.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Batches given so far.</summary>
    public long Batches { get; init; }

    /// <summary>Complete passes over the data so far.</summary>
    public long Epoch { get; init; }

    /// <summary>Packing window within the epoch.</summary>
    public int Window { get; init; }

    /// <summary>Row within the window that comes next.</summary>
    public int Row { get; init; }

    /// <summary>Positions with a sample given so far.</summary>
    public long Tokens { get; init; }

    /// <summary>Targets given so far that count in the loss.</summary>
    public long LossTokens { get; init; }

    /// <summary>Samples, or windows of a stream, given so far.</summary>
    public long Samples { get; init; }
}
