using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>Selects every object.</summary>
/// <typeparam name="TEntity">The kind that is watched.</typeparam>
public sealed class DefaultEntityLabelSelector<TEntity> : IEntityLabelSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new((string?)null);
}
