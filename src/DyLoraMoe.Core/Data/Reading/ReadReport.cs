namespace DyLoraMoe.Core.Data.Reading;

/// <summary>What reading came upon.</summary>
public sealed record ReadReport
{
    /// <summary>Files read.</summary>
    public int Files { get; init; }

    /// <summary>Rows found, good or bad.</summary>
    public long Rows { get; init; }

    /// <summary>Samples made.</summary>
    public long Samples { get; init; }

    /// <summary>Rows left out under <see cref="BadRowPolicy.Skip"/>.</summary>
    public long Skipped { get; init; }

    /// <summary>Messages of the first rows that were left out.</summary>
    public IReadOnlyList<string> FirstErrors { get; init; } = [];

    /// <summary>Characters of all samples.</summary>
    public long Characters { get; init; }

    /// <summary>Whether <see cref="DatasetOptions.MaxSamples"/> ended the reading early.</summary>
    public bool StoppedAtLimit { get; init; }
}
