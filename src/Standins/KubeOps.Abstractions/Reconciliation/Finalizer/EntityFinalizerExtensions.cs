using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Names of finalizers.</summary>
public static class EntityFinalizerExtensions
{
    private const int LongestName = 63;
    private const string Suffix = "finalizer";

    /// <summary>The group of the kind, a slash and the name of the class, in lower case and cut to 63 characters.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="finalizer">The finalizer.</param>
    /// <param name="entity">An object of the kind.</param>
    /// <returns>The name that stands in the object's list of finalizers.</returns>
    public static string GetIdentifierName<TEntity>(this IEntityFinalizer<TEntity> finalizer, TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var name = finalizer.GetType().Name.ToLowerInvariant();
        if (!name.EndsWith(Suffix, StringComparison.Ordinal))
        {
            name += Suffix;
        }

        var group = entity.GetKubernetesEntityAttribute()?.Group;
        var identifier = string.IsNullOrEmpty(group) ? name : $"{group}/{name}";
        return identifier[..Math.Min(identifier.Length, LongestName)];
    }
}
