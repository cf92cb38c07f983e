using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;

namespace KubeOps.Operator.Watcher;

/// <summary>The objects a watch has told of: tells events that bring nothing new, and deletions that were missed.</summary>
internal sealed class SeenObjects<TEntity>(ReconcileStrategy strategy)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly Dictionary<string, TEntity> _byUid = [];

    public bool IsNews(TEntity entity) =>
        !_byUid.TryGetValue(Key(entity), out var seen) || strategy switch
        {
            ReconcileStrategy.ByResourceVersion => seen.ResourceVersion() != entity.ResourceVersion(),
            _ when entity.Metadata.DeletionTimestamp is not null => !IsSameDeletion(seen, entity),

            // Kinds without generation (ConfigMap, Secret, ...) change with every version.
            _ when entity.Metadata.Generation is null => seen.ResourceVersion() != entity.ResourceVersion(),
            _ => seen.Metadata.Generation is null || seen.Metadata.Generation < entity.Metadata.Generation,
        };

    public void Remember(TEntity entity) => _byUid[Key(entity)] = entity;

    public void Forget(TEntity entity) => _byUid.Remove(Key(entity));

    public IReadOnlyList<TEntity> NotIn(IEnumerable<TEntity> present)
    {
        var uids = present.Select(Key).ToHashSet();
        return _byUid.Where(seen => !uids.Contains(seen.Key)).Select(seen => seen.Value).ToList();
    }

    private static string Key(TEntity entity) => entity.Uid() ?? $"{entity.Namespace()}/{entity.Name()}";

    private static bool IsSameDeletion(TEntity seen, TEntity entity) =>
        seen.Metadata.DeletionTimestamp == entity.Metadata.DeletionTimestamp
        && seen.Metadata.DeletionGracePeriodSeconds == entity.Metadata.DeletionGracePeriodSeconds
        && seen.Metadata.Generation == entity.Metadata.Generation
        && (seen.Finalizers() ?? []).SequenceEqual(entity.Finalizers() ?? []);
}
