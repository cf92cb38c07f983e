using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>An object of the same namespace, by name.</summary>
public sealed record LocalReference
{
    /// <summary>Its name.</summary>
    [Required]
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string Name { get; set; } = "";
}
