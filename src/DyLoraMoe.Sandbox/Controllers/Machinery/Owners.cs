using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Owner references.</summary>
internal static class Owners
{
    public static V1OwnerReference Controller<T>(T owner)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        return new V1OwnerReference
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }

    /// <summary>The key of an object's controller when that is of the kind T.</summary>
    public static ObjectKey? ControllerKey<T>(this IMetadata<V1ObjectMeta> item)
    {
        var type = ResourceType.Of<T>();
        return item.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true) is { } owner
            && owner.Kind == type.Kind && owner.ApiVersion.StartsWith(type.Group, StringComparison.Ordinal)
            ? new ObjectKey(item.Metadata.NamespaceProperty ?? "", owner.Name)
            : null;
    }
}
