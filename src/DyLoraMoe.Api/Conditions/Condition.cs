using DyLoraMoe.Api.Resources;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Conditions;

/// <summary>One aspect of how a resource is, in Kubernetes' usual form.</summary>
public sealed record Condition
{
    /// <summary>Name of the aspect.</summary>
    [Required]
    [Length(1, 63)]
    [Pattern(Patterns.Word)]
    public string Type { get; set; } = "";

    /// <summary>True, False, or Unknown while that is not decided.</summary>
    [Required]
    [EnumValues(ConditionStatus.True, ConditionStatus.False, ConditionStatus.Unknown)]
    public string Status { get; set; } = ConditionStatus.Unknown;

    /// <summary>One word that says why, for programs and for a column.</summary>
    [Required]
    [Length(1, 128)]
    [Pattern(Patterns.Word)]
    public string Reason { get; set; } = "";

    /// <summary>A sentence that says why, for people.</summary>
    [Required]
    [Length(0, 32768)]
    public string Message { get; set; } = "";

    /// <summary>The generation of the resource that this was found out for.</summary>
    [RangeMinimum(0)]
    public long? ObservedGeneration { get; set; }

    /// <summary>When the status last went from one value to another.</summary>
    [Required]
    public DateTimeOffset LastTransitionTime { get; set; }
}
