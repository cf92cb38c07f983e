using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Logging;

/// <summary>Adds properties to the log scope of an object.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityLoggingScopeEnricher<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Adds properties. Called often and from many threads.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="phase">Where it is logged.</param>
    /// <param name="properties">Where the properties go; what is there already stays as it is.</param>
    void Enrich(TEntity entity, EntityLoggingPhase phase, IDictionary<string, object> properties);
}
