using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A larger backbone in the store.</summary>
public sealed record GrownBackbone
{
    /// <summary>Digest of the weights: what experts and routers belong to.</summary>
    [Required]
    public string Digest { get; set; } = "";

    /// <summary>Digest of the artifact that holds them.</summary>
    [Required]
    public string Artifact { get; set; } = "";

    /// <summary>Number of weights; none where the set that is served does not say and the Growth that made it is gone.</summary>
    public long? Parameters { get; set; }

    /// <summary>Size of the artifact; none where the set that is served does not say and the Growth that made it is gone.</summary>
    public long? SizeBytes { get; set; }
}
