using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace KubeOps.Transpiler;

/// <summary>How kinds are named, from the attributes of their classes.</summary>
public static class Entities
{
    private const string DefaultVersion = "v1";

    /// <summary>How a kind of a context is named.</summary>
    /// <param name="context">The context.</param>
    /// <param name="entityType">The class of the kind.</param>
    /// <returns>The names, and Namespaced or Cluster.</returns>
    /// <exception cref="ArgumentException">The class has no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static (EntityMetadata Metadata, string Scope) ToEntityMetadata(
        this MetadataLoadContext context,
        Type entityType) =>
        ToEntityMetadata(context.GetContextType(entityType));

    /// <summary>How a kind is named.</summary>
    /// <param name="entityType">The class of the kind.</param>
    /// <returns>The names, and Namespaced or Cluster.</returns>
    /// <exception cref="ArgumentException">The class has no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static (EntityMetadata Metadata, string Scope) ToEntityMetadata(Type entityType)
    {
        var entity = entityType.Find<KubernetesEntityAttribute>()
            ?? throw new ArgumentException("The given type is not a valid Kubernetes entity.");
        var metadata = new EntityMetadata(
            entity.Property<string>(nameof(KubernetesEntityAttribute.Kind)).Or(entityType.Name),
            entity.Property<string>(nameof(KubernetesEntityAttribute.ApiVersion)).Or(DefaultVersion),
            entity.Property<string>(nameof(KubernetesEntityAttribute.Group)),
            entity.Property<string>(nameof(KubernetesEntityAttribute.PluralName)));
        var scope = entityType.Find<EntityScopeAttribute>()?.Argument<EntityScope>(0) ?? EntityScope.Namespaced;
        return (metadata, scope.ToString());
    }

    /// <summary>How a kind is named.</summary>
    /// <typeparam name="TEntity">The class of the kind.</typeparam>
    /// <returns>The names, and Namespaced or Cluster.</returns>
    /// <exception cref="ArgumentException">The class has no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static (EntityMetadata Metadata, string Scope) ToEntityMetadata<TEntity>() =>
        ToEntityMetadata(typeof(TEntity));

    private static string Or(this string? value, string fallback) =>
        string.IsNullOrWhiteSpace(value) ? fallback : value;
}
