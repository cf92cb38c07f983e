using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A run that is over, in short.</summary>
public sealed record PastRun
{
    /// <summary>Its number.</summary>
    [Required]
    public int Number { get; set; }

    /// <summary>When it began.</summary>
    [Required]
    public DateTimeOffset StartTime { get; set; }

    /// <summary>When it ended.</summary>
    [Required]
    public DateTimeOffset CompletionTime { get; set; }

    /// <summary>How it ended.</summary>
    [EnumValues(RunOutcomes.Admitted, RunOutcomes.Refused, RunOutcomes.Unchanged, RunOutcomes.Failed)]
    public string? Outcome { get; set; }

    /// <summary>Experts by what became of them, such as "2 Admitted, 1 Refused".</summary>
    [Length(0, 256)]
    public string? Message { get; set; }
}
