using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Who an object belongs to, and goes with.</summary>
internal static class Owner
{
    public static V1OwnerReference Of(IKubernetesObject<V1ObjectMeta> owner) => new()
    {
        ApiVersion = owner.ApiVersion,
        Kind = owner.Kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };

    public static bool Owns(this IKubernetesObject<V1ObjectMeta> owner, IKubernetesObject<V1ObjectMeta> child) =>
        child.Metadata.OwnerReferences?.Any(reference => reference.Uid == owner.Metadata.Uid) == true;
}
