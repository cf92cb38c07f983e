using System.Text;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Lays out a pod's volumes as folders.</summary>
internal sealed class VolumeSetup(PodSources sources, string? authority)
{
    /// <summary>Tokens hold until the pod's folder is written anew, which running containers never see; so they hold long.</summary>
    public const long TokenSeconds = 10L * 365 * 24 * 3600;

    /// <summary>The folder of each volume. What comes from objects is brought up to date, file by file.</summary>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(V1Pod pod, PodFolder folder, string podIp, CancellationToken cancellation)
    {
        var places = new Dictionary<string, string>();
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            places[volume.Name] = await PlaceAsync(pod, volume, folder.Volume(volume.Name), podIp, cancellation);
        }

        return places;
    }

    /// <summary>Whether a pod has volumes whose content may change while it runs.</summary>
    public static bool Changes(V1Pod pod) =>
        (pod.Spec.Volumes ?? []).Any(volume => volume.ConfigMap is not null || volume.Secret is not null || volume.Projected is not null || volume.DownwardAPI is not null);

    private async Task<string> PlaceAsync(V1Pod pod, V1Volume volume, string place, string podIp, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (volume.PersistentVolumeClaim is { } claim)
        {
            var held = await sources.ClaimAsync(ns, claim.ClaimName, cancellation);
            Directory.CreateDirectory(held);
            return held;
        }

        if (volume.Ephemeral is not null)
        {
            var held = await sources.ClaimAsync(ns, $"{pod.Metadata.Name}-{volume.Name}", cancellation);
            Directory.CreateDirectory(held);
            return held;
        }

        if (volume.HostPath is { } host)
        {
            if (host.Type == "DirectoryOrCreate")
            {
                Directory.CreateDirectory(host.Path);
            }

            return Path.Exists(host.Path) ? host.Path
                : throw new SetupException("ContainerCreating", $"hostPath type check failed: {host.Path} does not exist");
        }

        Directory.CreateDirectory(place);
        if (await FilesAsync(pod, volume, podIp, cancellation) is { } files)
        {
            Write(place, files);
        }
        else if (volume.EmptyDir is null)
        {
            throw new SetupException("ContainerCreating", $"volume \"{volume.Name}\" is of a kind that the sandbox does not mount");
        }

        return place;
    }

    private async Task<IReadOnlyDictionary<string, byte[]>?> FilesAsync(V1Pod pod, V1Volume volume, string podIp, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (volume.ConfigMap is { } map)
        {
            return Choose(await sources.ConfigMapAsync(ns, map.Name, cancellation), map.Items, map.Optional, $"configmap \"{map.Name}\"");
        }

        if (volume.Secret is { } secret)
        {
            return Choose(await sources.SecretAsync(ns, secret.SecretName, cancellation), secret.Items, secret.Optional, $"secret \"{secret.SecretName}\"");
        }

        if (volume.DownwardAPI is { } downward)
        {
            return Downward(pod, downward.Items, podIp);
        }

        if (volume.Projected is not { } projected)
        {
            return null;
        }

        var files = new Dictionary<string, byte[]>();
        foreach (var source in projected.Sources ?? [])
        {
            foreach (var (name, content) in await ProjectedAsync(pod, source, podIp, cancellation))
            {
                files[name] = content;
            }
        }

        return files;
    }

    private async Task<IReadOnlyDictionary<string, byte[]>> ProjectedAsync(V1Pod pod, V1VolumeProjection source, string podIp, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (source.ConfigMap is { } map)
        {
            // The certificate authority's ConfigMap of every namespace need not be waited for.
            var data = map.Name == "kube-root-ca.crt" && authority is not null
                ? new Dictionary<string, byte[]> { ["ca.crt"] = Encoding.UTF8.GetBytes(authority) }
                : await sources.ConfigMapAsync(ns, map.Name, cancellation);
            return Choose(data, map.Items, map.Optional ?? map.Name == "kube-root-ca.crt", $"configmap \"{map.Name}\"");
        }

        if (source.Secret is { } secret)
        {
            return Choose(await sources.SecretAsync(ns, secret.Name, cancellation), secret.Items, secret.Optional, $"secret \"{secret.Name}\"");
        }

        if (source.ServiceAccountToken is { } token)
        {
            return new Dictionary<string, byte[]>
            {
                [token.Path] = Encoding.UTF8.GetBytes(await sources.TokenAsync(pod, token.Audience, TokenSeconds, cancellation)),
            };
        }

        return source.DownwardAPI is { } downward ? Downward(pod, downward.Items, podIp) : new Dictionary<string, byte[]>();
    }

    private static Dictionary<string, byte[]> Downward(V1Pod pod, IList<V1DownwardAPIVolumeFile>? items, string podIp) =>
        (items ?? []).ToDictionary(
            item => item.Path,
            item => Encoding.UTF8.GetBytes(item.FieldRef is { } field
                ? PodFields.Read(pod, field.FieldPath, podIp)
                : PodFields.Resource(pod, item.ResourceFieldRef, "")));

    private static IReadOnlyDictionary<string, byte[]> Choose(
        IReadOnlyDictionary<string, byte[]>? data, IList<V1KeyToPath>? items, bool? optional, string what)
    {
        if (data is null)
        {
            return optional == true ? new Dictionary<string, byte[]>() : throw new SetupException("ContainerCreating", $"{what} not found");
        }

        if (items is not { Count: > 0 })
        {
            return data;
        }

        var chosen = new Dictionary<string, byte[]>();
        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var content))
            {
                chosen[item.Path] = content;
            }
            else if (optional != true)
            {
                throw new SetupException("ContainerCreating", $"{what} references non-existent config key: {item.Key}");
            }
        }

        return chosen;
    }

    private static void Write(string place, IReadOnlyDictionary<string, byte[]> files)
    {
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(place, name);
            if (!Path.GetFullPath(path).StartsWith(place + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new SetupException("ContainerCreating", $"path \"{name}\" leads out of its volume");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            {
                continue;
            }

            var fresh = path + ".new";
            File.WriteAllBytes(fresh, content);
            File.Move(fresh, path, overwrite: true);
        }

        foreach (var path in Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).ToList())
        {
            if (!files.ContainsKey(Path.GetRelativePath(place, path)))
            {
                File.Delete(path);
            }
        }
    }
}
