using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>Where the data of a job are: in a ConfigMap, on a volume or in a bucket.</summary>
/// <param name="ConfigMap">Name of a ConfigMap; null for a volume.</param>
/// <param name="Claim">Name of a PersistentVolumeClaim; null for a ConfigMap.</param>
/// <param name="Path">The key of the ConfigMap, or the path on the volume.</param>
internal sealed record JobData(string? ConfigMap, string? Claim, string Path)
{
    /// <summary>The place in a bucket; null for a ConfigMap or a volume.</summary>
    public S3Source? S3 { get; init; }
}
