using DyLoraMoe.Api.Resources;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Volumes of a pod and where its container sees them. Each method returns the path that a program is told.</summary>
internal sealed class PodVolumes
{
    public List<V1Volume> Volumes { get; } = [];

    public List<V1VolumeMount> Mounts { get; } = [];

    public string AddConfigMap(string name, string configMap, string path)
    {
        Volumes.Add(new() { Name = name, ConfigMap = new() { Name = configMap } });
        Mounts.Add(new() { Name = name, MountPath = path, ReadOnlyProperty = true });
        return path;
    }

    /// <summary>A key of a Secret as a file, which the kubelet follows: the path of the file.</summary>
    public string AddSecret(string name, KeyReference key, string path)
    {
        Volumes.Add(new() { Name = name, Secret = new() { SecretName = key.Name, Items = [new() { Key = key.Key, Path = key.Key }] } });
        Mounts.Add(new() { Name = name, MountPath = path, ReadOnlyProperty = true });
        return $"{path}/{key.Key}";
    }

    public string AddClaim(string name, ClaimSource claim, string path, bool isReadOnly)
    {
        Volumes.Add(new() { Name = name, PersistentVolumeClaim = new() { ClaimName = claim.ClaimName } });
        Mounts.Add(new() { Name = name, MountPath = path, ReadOnlyProperty = isReadOnly ? true : null });
        return claim.Path is { Length: > 0 } below ? $"{path}/{below.TrimEnd('/')}" : path;
    }

    /// <summary>The weights: a folder, or a model of the image by its name.</summary>
    public string AddBackbone(BackboneSource source) =>
        source.PersistentVolumeClaim is { } claim ? AddClaim("backbone", claim, "/dylora/backbone", isReadOnly: true) : $"builtin:{source.Builtin}";

    public void AddScratch(string name, string path)
    {
        Volumes.Add(new() { Name = name, EmptyDir = new() });
        Mounts.Add(new() { Name = name, MountPath = path });
    }
}
