using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>Takes on objects that match a selector and have no controller, such as those left by an orphaning delete.</summary>
internal static class Adoption
{
    public static async Task AdoptAsync<TOwner, TItem>(ClusterContext cluster, TOwner owner, TItem item, CancellationToken cancellation)
        where TOwner : class, IKubernetesObject<V1ObjectMeta>
        where TItem : class, IKubernetesObject<V1ObjectMeta>
    {
        var live = await cluster.Api.FindAsync<TOwner>(owner.Metadata.NamespaceProperty, owner.Metadata.Name, cancellation);
        if (live?.Metadata.Uid != owner.Metadata.Uid || live!.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        var owners = (item.Metadata.OwnerReferences ?? []).Append(Owners.Controller(owner));
        cluster.Informer<TItem>().Observe(await cluster.Api.MergeAsync<TItem>(
            ObjectKey.Of(item),
            new { metadata = new { uid = item.Metadata.Uid, resourceVersion = item.Metadata.ResourceVersion, ownerReferences = owners } },
            null,
            cancellation));
    }
}
