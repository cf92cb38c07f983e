using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A folder or file on a persistent volume.</summary>
public sealed record ClaimSource
{
    /// <summary>Name of the PersistentVolumeClaim, in the same namespace.</summary>
    [Required]
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string ClaimName { get; set; } = "";

    /// <summary>Where on the volume, relative to its root. The root when it is left out.</summary>
    [Length(0, 1024)]
    [Pattern(Patterns.RelativePath)]
    [ValidationRule("!self.matches('(^|/)[.][.](/|$)')", message: "must not leave the volume: no part may be '..'")]
    public string? Path { get; set; }
}
