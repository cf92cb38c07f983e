using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>One run: what became of each expert.</summary>
public sealed record ConsolidationRun
{
    /// <summary>1 for the first, one more with every run.</summary>
    [Required]
    public int Number { get; set; }

    /// <summary>When it was due; none without a schedule.</summary>
    public DateTimeOffset? ScheduledTime { get; set; }

    /// <summary>When it began.</summary>
    [Required]
    public DateTimeOffset StartTime { get; set; }

    /// <summary>When it ended; none while it is under way.</summary>
    public DateTimeOffset? CompletionTime { get; set; }

    /// <summary>Hash of what it was to do.</summary>
    [Length(0, 64)]
    public string? Terms { get; set; }

    /// <summary>How it ended.</summary>
    [EnumValues(RunOutcomes.Admitted, RunOutcomes.Refused, RunOutcomes.Unchanged, RunOutcomes.Failed)]
    public string? Outcome { get; set; }

    /// <summary>Experts that are done with, of all, such as "2/3".</summary>
    [Length(0, 32)]
    public string? Progress { get; set; }

    /// <summary>The experts, in order of their names.</summary>
    [Items(0, Bounds.Night)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<ConsolidatedExpert> Experts { get; set; } = [];
}

/// <summary>How a run ended.</summary>
public static class RunOutcomes
{
    /// <summary>At least one expert is served in a new version.</summary>
    public const string Admitted = "Admitted";

    /// <summary>There were new versions, and none of them may be served: an older skill would get worse.</summary>
    public const string Refused = "Refused";

    /// <summary>No expert became better.</summary>
    public const string Unchanged = "Unchanged";

    /// <summary>No expert could be trained.</summary>
    public const string Failed = "Failed";
}
