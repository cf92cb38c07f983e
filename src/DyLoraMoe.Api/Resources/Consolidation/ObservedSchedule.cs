using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A schedule as the operator last saw it.</summary>
public sealed record ObservedSchedule
{
    /// <summary>The schedule.</summary>
    [Required]
    [Length(1, 128)]
    public string Schedule { get; set; } = "";

    /// <summary>Its time zone by its IANA name; none for UTC.</summary>
    [Length(1, 64)]
    public string? TimeZone { get; set; }

    /// <summary>Since when it counts. What it names up to then is neither run nor missed.</summary>
    [Required]
    public DateTimeOffset Since { get; set; }
}
