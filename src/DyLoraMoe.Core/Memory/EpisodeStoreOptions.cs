using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Memory;

/// <summary>Where episodes are kept, how many and how long.</summary>
public sealed record EpisodeStoreOptions
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Most episodes; the oldest go first. The default, 4,096, is searched in milliseconds.</summary>
    [Range(1, 1 << 20)]
    public int MaxEpisodes { get; init; } = 4096;

    /// <summary>Most bytes of all of them; the oldest go first. The default is 64 MiB.</summary>
    [Range(1L << 12, 1L << 40)]
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Most marks of what experts have learnt; the oldest go first. The default is 65,536, of some two hundred bytes each.</summary>
    [Range(1, 1 << 20)]
    public int MaxMarks { get; init; } = 1 << 16;

    /// <summary>How long an episode is kept after its answer was told last. The default is 90 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);
}
