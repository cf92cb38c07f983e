using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a training gets on.</summary>
public sealed record TrainingProgress
{
    /// <summary>How far it is, in percent.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    public int? Percent { get; set; }

    /// <summary>What it does now, such as Seeding.</summary>
    [Length(0, 63)]
    public string? Phase { get; set; }

    /// <summary>The step.</summary>
    public int? Step { get; set; }

    /// <summary>Steps in all.</summary>
    public int? Steps { get; set; }

    /// <summary>Loss of the last step, in nats per token: a number as text.</summary>
    [Length(0, 32)]
    public string? Loss { get; set; }

    /// <summary>Tokens read per second.</summary>
    public long? TokensPerSecond { get; set; }

    /// <summary>How long it is likely to take still.</summary>
    public long? EtaSeconds { get; set; }

    /// <summary>How often it went back to its last good weights, because something was wrong with those that followed.</summary>
    [RangeMinimum(0)]
    public int? Rollbacks { get; set; }

    /// <summary>The gauge of its last good weights that is nearest to its budget, and what it shows.</summary>
    [Length(0, 160)]
    public string? Gauge { get; set; }

    /// <summary>When this was written.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }
}
