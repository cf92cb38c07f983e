using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Where verdicts on answers are kept, how many and how long.</summary>
public sealed record FeedbackStorage
{
    /// <summary>The folder. All replicas write to it, so with more than one the volume must be writable from several nodes.</summary>
    [Required]
    public ClaimSource PersistentVolumeClaim { get; set; } = new();

    /// <summary>Most of them, in MiB; the oldest go first.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_048_576)]
    [DefaultValue(64)]
    public int MaxMebibytes { get; set; } = 64;

    /// <summary>How long a verdict is kept at most, in days.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(36_500)]
    [DefaultValue(30)]
    public int RetentionDays { get; set; } = 30;
}
