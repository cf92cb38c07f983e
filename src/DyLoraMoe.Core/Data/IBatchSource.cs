namespace DyLoraMoe.Core.Data;

/// <summary>An endless, seeded, resumable source of training batches. Not thread-safe.</summary>
public interface IBatchSource
{
    /// <summary>Where the source stands, before the next batch.</summary>
    BatchSourceState State { get; }

    /// <summary>How often the data have been seen, with fraction.</summary>
    double EpochsSeen { get; }

    /// <summary>The next batch.</summary>
    PackedBatch Next();

    /// <summary>Goes to where <paramref name="state"/> was taken.</summary>
    /// <exception cref="InvalidDataException">The state belongs to other data, another shape or another seed.</exception>
    void Restore(BatchSourceState state);
}
