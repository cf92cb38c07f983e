using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Where an adapter of one's own is, in PEFT layout: adapter_config.json and adapter_model.safetensors.</summary>
[ValidationRule("(has(self.persistentVolumeClaim) ? 1 : 0) + (has(self.s3) ? 1 : 0) == 1", message: "must have exactly one of persistentVolumeClaim and s3")]
[ValidationRule("has(self.persistentVolumeClaim) == has(oldSelf.persistentVolumeClaim) && has(self.s3) == has(oldSelf.s3)", message: "must stay of the same kind")]
public sealed record ExpertSource
{
    /// <summary>A folder on a persistent volume.</summary>
    public ClaimSource? PersistentVolumeClaim { get; set; }

    /// <summary>Objects in an S3 bucket.</summary>
    public S3Source? S3 { get; set; }

    /// <summary>Any text. Change it to have the adapter read again.</summary>
    [Length(0, 128)]
    public string? Version { get; set; }
}
