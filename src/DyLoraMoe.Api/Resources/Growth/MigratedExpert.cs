using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>An expert on its way to a larger backbone.</summary>
public sealed record MigratedExpert
{
    /// <summary>The LoraExpert.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; set; } = "";

    /// <summary>Digest of its weights on the smaller backbone.</summary>
    [Required]
    public string From { get; set; } = "";

    /// <summary>Its weights on the larger backbone; none before they are made.</summary>
    public ArtifactStatus? Artifact { get; set; }

    /// <summary>Where they act: Activated or Full.</summary>
    public string? Mode { get; set; }

    /// <summary>Width of their update.</summary>
    public int? Rank { get; set; }

    /// <summary>They against the bare larger backbone.</summary>
    public EvaluationStatus? Evaluation { get; set; }

    /// <summary>Why it could not be carried over; none where it could.</summary>
    [Length(0, 1024)]
    public string? Message { get; set; }
}
