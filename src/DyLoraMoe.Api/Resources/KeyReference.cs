using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>One key of a ConfigMap or a Secret of the same namespace.</summary>
public sealed record KeyReference
{
    /// <summary>Name of the object.</summary>
    [Required]
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string Name { get; set; } = "";

    /// <summary>The key.</summary>
    [Required]
    [Length(1, 253)]
    [Pattern(Patterns.ConfigMapKey)]
    public string Key { get; set; } = "";
}
