using System.Reflection;
using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>Versions, references and owners of objects.</summary>
public static class KubernetesExtensions
{
    /// <summary>Sets the version that the next write expects to find.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object to change.</param>
    /// <param name="resourceVersion">The version.</param>
    /// <returns>The same object.</returns>
    public static TEntity WithResourceVersion<TEntity>(this TEntity entity, string resourceVersion)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.EnsureMetadata().ResourceVersion = resourceVersion;
        return entity;
    }

    /// <summary>Takes over the version of another reading of the object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object to change.</param>
    /// <param name="other">Where the version comes from.</param>
    /// <returns>The first object.</returns>
    public static TEntity WithResourceVersion<TEntity>(this TEntity entity, TEntity other)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.EnsureMetadata().ResourceVersion = other.ResourceVersion();
        return entity;
    }

    /// <summary>A reference to an object, as events carry it.</summary>
    /// <param name="kubernetesObject">The object.</param>
    /// <returns>The reference.</returns>
    public static V1ObjectReference MakeObjectReference(this IKubernetesObject<V1ObjectMeta> kubernetesObject)
    {
        var metadata = kubernetesObject.Metadata;
        return new V1ObjectReference
        {
            ApiVersion = kubernetesObject.ApiVersion,
            Kind = kubernetesObject.Kind,
            NamespaceProperty = metadata.NamespaceProperty,
            Name = metadata.Name,
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
        };
    }

    /// <summary>Adds an owner, so that the object is collected once the owner is gone.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="resource">The object that is owned.</param>
    /// <param name="owner">The owner.</param>
    /// <returns>The owned object.</returns>
    public static TEntity WithOwnerReference<TEntity>(this TEntity resource, IKubernetesObject<V1ObjectMeta> owner)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var metadata = resource.EnsureMetadata();
        metadata.OwnerReferences ??= new List<V1OwnerReference>();
        metadata.OwnerReferences.Add(owner.MakeOwnerReference());
        return resource;
    }

    /// <summary>A reference to an object as an owner, neither controlling nor blocking.</summary>
    /// <param name="kubernetesObject">The owner.</param>
    /// <returns>The reference.</returns>
    public static V1OwnerReference MakeOwnerReference(this IKubernetesObject<V1ObjectMeta> kubernetesObject)
    {
        var metadata = kubernetesObject.Metadata;
        return new V1OwnerReference
        {
            ApiVersion = kubernetesObject.ApiVersion,
            Kind = kubernetesObject.Kind,
            Name = metadata.Name,
            Uid = metadata.Uid,
        };
    }

    /// <summary>How the object's kind was declared.</summary>
    /// <param name="entity">The object.</param>
    /// <returns>The attribute; null when its class and its bases have none.</returns>
    public static KubernetesEntityAttribute? GetKubernetesEntityAttribute(this IKubernetesObject<V1ObjectMeta> entity) =>
        entity.GetType().GetCustomAttribute<KubernetesEntityAttribute>(inherit: true);
}
