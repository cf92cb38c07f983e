using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.LeaderElection;

/// <summary>Says which objects this process answers for when several share the work.</summary>
public interface ILeadershipScope
{
    /// <summary>The answer may have changed.</summary>
    event Action? ScopeChanged;

    /// <summary>Whether this process answers for an object. Called often.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>True if so.</returns>
    ValueTask<bool> IsResponsibleForAsync(IKubernetesObject<V1ObjectMeta> entity, CancellationToken cancellationToken);
}
