using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>Narrows what a controller watches to the objects with certain field values.</summary>
/// <typeparam name="TEntity">The kind that is watched.</typeparam>
public interface IEntityFieldSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The selector in the API's own syntax; null for all objects. Asked again at each connection.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The selector.</returns>
    ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken);
}
