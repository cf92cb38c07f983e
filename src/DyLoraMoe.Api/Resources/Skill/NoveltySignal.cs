using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>One signal's say on whether data are new.</summary>
public sealed record NoveltySignal
{
    /// <summary>Name of the signal.</summary>
    [Required]
    [Length(1, 63)]
    public string Name { get; set; } = "";

    /// <summary>Its p-value: a number as text.</summary>
    [Required]
    public string PValue { get; set; } = "";
}
