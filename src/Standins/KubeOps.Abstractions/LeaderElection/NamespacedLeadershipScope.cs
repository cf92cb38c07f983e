using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.LeaderElection;

/// <summary>Shares the work by namespace.</summary>
public abstract class NamespacedLeadershipScope : ILeadershipScope
{
    /// <inheritdoc/>
    public event Action? ScopeChanged;

    /// <inheritdoc/>
    public ValueTask<bool> IsResponsibleForAsync(
        IKubernetesObject<V1ObjectMeta> entity,
        CancellationToken cancellationToken) =>
        IsResponsibleForNamespaceAsync(entity.Namespace(), cancellationToken);

    /// <summary>Whether this process answers for a namespace.</summary>
    /// <param name="namespace">The namespace; null for objects of the cluster.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>True if so.</returns>
    protected abstract ValueTask<bool> IsResponsibleForNamespaceAsync(
        string? @namespace,
        CancellationToken cancellationToken);

    /// <summary>Tells that the answer may have changed.</summary>
    protected void OnScopeChanged() => ScopeChanged?.Invoke();
}
