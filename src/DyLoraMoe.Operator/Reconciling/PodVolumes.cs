using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Volumes of a pod and where its container sees them. Each method returns the path that a program is told.</summary>
internal sealed class PodVolumes
{
    public List<V1Volume> Volumes { get; } = [];

    public List<V1VolumeMount> Mounts { get; } = [];

    /// <summary>Variables that what is mounted goes with.</summary>
    public List<V1EnvVar> Environment { get; } = [];

    /// <summary>Whether anything is in a bucket, so that a folder for copies is needed.</summary>
    public bool HasBuckets { get; private set; }

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

    /// <summary>What is there already, to read: the whole volume, so that a folder that is not there is missed rather than made.</summary>
    public string AddInput(string name, ClaimSource claim, string path)
    {
        Volumes.Add(new() { Name = name, PersistentVolumeClaim = new() { ClaimName = claim.ClaimName } });
        Mounts.Add(new() { Name = name, MountPath = path, ReadOnlyProperty = true });
        return claim.Path is { Length: > 0 } below ? $"{path}/{below.TrimEnd('/')}" : path;
    }

    /// <summary>A folder of the Backbone's own, which the kubelet makes: the container sees nothing else of the volume.</summary>
    public string AddFolder(string name, ClaimSource claim, string path, bool isReadOnly)
    {
        Volumes.Add(new() { Name = name, PersistentVolumeClaim = new() { ClaimName = claim.ClaimName } });
        Mounts.Add(new() { Name = name, MountPath = path, SubPath = claim.Path is { Length: > 0 } folder ? folder.TrimEnd('/') : null, ReadOnlyProperty = isReadOnly ? true : null });
        return path;
    }

    /// <summary>The weights: a folder, or a model of the image by its name.</summary>
    public string AddBackbone(BackboneSource source) =>
        source.PersistentVolumeClaim is { } claim ? AddInput("backbone", claim, "/dylora/backbone")
        : source.S3 is { } s3 ? AddBucket("backbone", s3)
        : $"builtin:{source.Builtin}";

    /// <summary>The store: a folder, or a place in a bucket.</summary>
    public string AddStore(ArtifactStore store, bool isReadOnly) =>
        store.PersistentVolumeClaim is { } claim ? AddFolder("store", claim, "/dylora/store", isReadOnly) : AddBucket("store", store.S3!);

    /// <summary>A place in a bucket. Its credentials reach the program as variables, which the kubelet fills: neither this process nor the pod's text ever has them.</summary>
    /// <param name="role">What it is to the program.</param>
    /// <param name="source">Where it is.</param>
    public string AddBucket(string role, S3Source source)
    {
        HasBuckets = true;
        var location = new S3Location
        {
            Bucket = source.Bucket,
            Prefix = source.Prefix ?? "",
            Endpoint = source.Endpoint?.TrimEnd('/'),
            Region = source.Region,
            PathStyle = source.PathStyle ?? source.Endpoint is not null,
            CaFile = source.CaBundle is { } authorities ? AddKey($"{role}-ca", authorities, $"/dylora/ca/{role}", "ca.crt") : null,
            Credentials = source.CredentialsSecretRef is null ? null : $"DYLORA_{role.ToUpperInvariant()}",
        };
        if (source.CredentialsSecretRef is { } secret)
        {
            AddSecret(location.AccessKeyVariable, secret.Name, "AWS_ACCESS_KEY_ID", isOptional: null);
            AddSecret(location.SecretKeyVariable, secret.Name, "AWS_SECRET_ACCESS_KEY", isOptional: null);
            AddSecret(location.SessionTokenVariable, secret.Name, "AWS_SESSION_TOKEN", isOptional: true);
        }

        return location.ToString();
    }

    /// <summary>A folder for copies of what is in buckets, when something is.</summary>
    /// <param name="limit">How large it may become.</param>
    /// <returns>The arguments that name it.</returns>
    public IReadOnlyList<string> AddCache(string limit)
    {
        const string Folder = "/dylora/cache";
        if (!HasBuckets)
        {
            return [];
        }

        Volumes.Add(new() { Name = "cache", EmptyDir = new() { SizeLimit = new ResourceQuantity(limit) } });
        Mounts.Add(new() { Name = "cache", MountPath = Folder });
        return ["--cache", Folder];
    }

    private string AddKey(string name, KeyReference reference, string path, string file)
    {
        Volumes.Add(new() { Name = name, ConfigMap = new() { Name = reference.Name, Items = [new() { Key = reference.Key, Path = file }] } });
        Mounts.Add(new() { Name = name, MountPath = path, ReadOnlyProperty = true });
        return $"{path}/{file}";
    }

    private void AddSecret(string variable, string secret, string key, bool? isOptional) =>
        Environment.Add(new() { Name = variable, ValueFrom = new() { SecretKeyRef = new() { Name = secret, Key = key, Optional = isOptional } } });

    public void AddScratch(string name, string path)
    {
        Volumes.Add(new() { Name = name, EmptyDir = new() });
        Mounts.Add(new() { Name = name, MountPath = path });
    }
}
