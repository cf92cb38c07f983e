using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Where what is learnt is kept.</summary>
[ValidationRule("(has(self.persistentVolumeClaim) ? 1 : 0) + (has(self.s3) ? 1 : 0) == 1", message: "must have exactly one of persistentVolumeClaim and s3")]
[ValidationRule("has(self.persistentVolumeClaim) == has(oldSelf.persistentVolumeClaim) && has(self.s3) == has(oldSelf.s3)", message: "must stay of the same kind")]
public sealed record ArtifactStore
{
    /// <summary>A folder on a persistent volume, which every job and every pod of the router mounts: ReadWriteMany when they may run on several nodes.</summary>
    [ValidationRule("self == oldSelf", message: "is immutable: everything that was learnt is there")]
    public ClaimSource? PersistentVolumeClaim { get; set; }

    /// <summary>Objects in an S3 bucket. Endpoint, region and credentials may change; bucket and prefix may not.</summary>
    [ValidationRule("self.bucket == oldSelf.bucket && has(self.prefix) == has(oldSelf.prefix) && (!has(self.prefix) || self.prefix == oldSelf.prefix)", message: "bucket and prefix are immutable: everything that was learnt is there")]
    public S3Source? S3 { get; set; }
}
