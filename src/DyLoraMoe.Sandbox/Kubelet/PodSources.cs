using System.Text;
using System.Text.Json;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>The objects that a pod's containers read: ConfigMaps, Secrets, claims, tokens and the Services beside it.</summary>
internal sealed class PodSources(ApiClient api)
{
    public async Task<IReadOnlyDictionary<string, byte[]>?> ConfigMapAsync(string ns, string name, CancellationToken cancellation) =>
        await api.FindAsync<V1ConfigMap>(ns, name, cancellation) is { } map
            ? (map.Data ?? new Dictionary<string, string>()).Select(pair => KeyValuePair.Create(pair.Key, Encoding.UTF8.GetBytes(pair.Value)))
                .Concat(map.BinaryData ?? new Dictionary<string, byte[]>()).ToDictionary()
            : null;

    public async Task<IReadOnlyDictionary<string, byte[]>?> SecretAsync(string ns, string name, CancellationToken cancellation) =>
        await api.FindAsync<V1Secret>(ns, name, cancellation) is { } secret
            ? (secret.Data ?? new Dictionary<string, byte[]>()).ToDictionary()
            : null;

    /// <summary>The folder behind a claim.</summary>
    public async Task<string> ClaimAsync(string ns, string name, CancellationToken cancellation)
    {
        var claim = await api.FindAsync<V1PersistentVolumeClaim>(ns, name, cancellation)
            ?? throw new SetupException("ContainerCreating", $"persistentvolumeclaim \"{name}\" not found");
        if (claim.Status?.Phase != "Bound" || string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            throw new SetupException("ContainerCreating", $"persistentvolumeclaim \"{name}\" is not bound yet");
        }

        var volume = await api.FindAsync<V1PersistentVolume>(null, claim.Spec.VolumeName, cancellation);
        return volume?.Spec.HostPath?.Path ?? volume?.Spec.Local?.Path
            ?? throw new SetupException("ContainerCreating", $"persistentvolume \"{claim.Spec.VolumeName}\" has no hostPath; the sandbox mounts nothing else");
    }

    public async Task<string> TokenAsync(V1Pod pod, string? audience, long seconds, CancellationToken cancellation)
    {
        var account = string.IsNullOrEmpty(pod.Spec.ServiceAccountName) ? "default" : pod.Spec.ServiceAccountName;
        var request = new
        {
            apiVersion = "authentication.k8s.io/v1",
            kind = "TokenRequest",
            spec = new { audiences = audience is null ? Array.Empty<string>() : [audience], expirationSeconds = seconds },
        };
        try
        {
            var answer = await api.PostAsync<JsonElement>(
                ResourceType.Of<V1ServiceAccount>().Path(pod.Metadata.NamespaceProperty, account, "token"), request, cancellation);
            return answer.GetProperty("status").GetProperty("token").GetString()!;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            throw new SetupException("ContainerCreating", $"serviceaccount \"{account}\" not found");
        }
    }

    /// <summary>Host and port of each Service of the namespace, as service links put them into the environment.</summary>
    public async Task<IReadOnlyList<V1Service>> ServicesAsync(string ns, CancellationToken cancellation)
    {
        var (services, _) = await api.ListAsync<V1Service>(ResourceType.Of<V1Service>(), $"metadata.namespace={ns}", cancellation);
        return [.. services.Where(service => service.Metadata.NamespaceProperty == ns)];
    }
}
