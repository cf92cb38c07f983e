using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>A label selector that can judge an object itself, for watches that several controllers share.</summary>
/// <typeparam name="TEntity">The kind that is watched.</typeparam>
public interface IClientSideEntitySelector<in TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the object concerns the controller.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>True if so.</returns>
    ValueTask<bool> MatchesAsync(TEntity entity, CancellationToken cancellationToken);
}
