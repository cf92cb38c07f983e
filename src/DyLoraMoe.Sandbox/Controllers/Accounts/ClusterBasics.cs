using DyLoraMoe.Sandbox.Controllers.Machinery;
using DyLoraMoe.Sandbox.Controllers.Storage;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Accounts;

/// <summary>The objects that every cluster has from its first moment on.</summary>
internal static class ClusterBasics
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public static async Task EnsureAsync(ApiClient api, CancellationToken cancellation)
    {
        foreach (var name in Namespaces)
        {
            await EnsureAsync(api, new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellation);
        }

        await EnsureAsync(
            api,
            new V1StorageClass
            {
                Metadata = new V1ObjectMeta
                {
                    Name = VolumeBinder.StorageClass,
                    Annotations = new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" },
                },
                Provisioner = VolumeBinder.Provisioner,
                ReclaimPolicy = "Delete",
                VolumeBindingMode = "Immediate",
            },
            cancellation);
    }

    private static async Task EnsureAsync<T>(ApiClient api, T item, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (await api.FindAsync<T>(null, item.Metadata.Name, cancellation) is not null)
        {
            return;
        }

        try
        {
            await api.CreateAsync(item, cancellation);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // The server made it itself.
        }
    }
}
