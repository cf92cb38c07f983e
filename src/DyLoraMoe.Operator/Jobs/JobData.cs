namespace DyLoraMoe.Operator.Jobs;

/// <summary>Where the data of a job are: in a ConfigMap or on a volume.</summary>
/// <param name="ConfigMap">Name of a ConfigMap; null for a volume.</param>
/// <param name="Claim">Name of a PersistentVolumeClaim; null for a ConfigMap.</param>
/// <param name="Path">The key of the ConfigMap, or the path on the volume.</param>
internal sealed record JobData(string? ConfigMap, string? Claim, string Path);
