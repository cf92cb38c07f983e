using k8s;
using k8s.Models;

namespace KubeOps.Operator.Queue;

/// <summary>Keys of queued objects.</summary>
public static class TimedEntityQueueExtensions
{
    /// <summary>What an object is known by in a queue.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="entity">The object.</param>
    /// <returns>Namespace and name, or the name of an object without namespace; null without a name.</returns>
    public static string? GetKey<TEntity>(this ITimedEntityQueue<TEntity> queue, TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (@namespace, name) = (entity.Namespace(), entity.Name());
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        return string.IsNullOrWhiteSpace(@namespace) ? name : $"{@namespace}/{name}";
    }
}
