using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Where answers that were corrected or praised are remembered, how many and how long, and how much of them a request is given.</summary>
public sealed record MemoryStorage
{
    /// <summary>The folder. All replicas write to it, so with more than one the volume must be writable from several nodes. Not the folder of the verdicts.</summary>
    [Required]
    public ClaimSource PersistentVolumeClaim { get; set; } = new();

    /// <summary>Most of them, in MiB; the oldest go first.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_048_576)]
    [DefaultValue(64)]
    public int MaxMebibytes { get; set; } = 64;

    /// <summary>Most of them, in number; the oldest go first.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_048_576)]
    [DefaultValue(4096)]
    public int MaxEpisodes { get; set; } = 4096;

    /// <summary>How long one is kept after its answer was told last, in days.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(36_500)]
    [DefaultValue(90)]
    public int RetentionDays { get; set; } = 90;

    /// <summary>Most of them that are put before a prompt.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(64)]
    [DefaultValue(3)]
    public int MaxShots { get; set; } = 3;

    /// <summary>Most tokens that they add to a prompt.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_048_576)]
    [DefaultValue(256)]
    public int MaxTokens { get; set; } = 256;
}
