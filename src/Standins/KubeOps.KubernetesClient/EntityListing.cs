using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Transpiler;

namespace KubeOps.KubernetesClient;

/// <summary>Lists a kind in chunks, and keeps the version of the collection, which a watch goes on from.</summary>
internal static class EntityListing
{
    private const int ChunkSize = 500;

    public static async Task<EntityList<TEntity>> ListAllAsync<TEntity>(
        this IKubernetes client,
        string? @namespace,
        string? labelSelector,
        string? fieldSelector,
        CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var metadata = Entities.ToEntityMetadata<TEntity>().Metadata;
        var group = metadata.Group ?? string.Empty;
        var all = new List<TEntity>();
        string? next = null;
        while (true)
        {
            var chunk = @namespace is null
                ? await client.CustomObjects.ListClusterCustomObjectAsync<EntityList<TEntity>>(
                    group,
                    metadata.Version,
                    metadata.PluralName,
                    continueParameter: next,
                    fieldSelector: fieldSelector,
                    labelSelector: labelSelector,
                    limit: ChunkSize,
                    cancellationToken: cancellationToken)
                : await client.CustomObjects.ListNamespacedCustomObjectAsync<EntityList<TEntity>>(
                    group,
                    metadata.Version,
                    @namespace,
                    metadata.PluralName,
                    continueParameter: next,
                    fieldSelector: fieldSelector,
                    labelSelector: labelSelector,
                    limit: ChunkSize,
                    cancellationToken: cancellationToken);
            all.AddRange(chunk.Items);
            next = chunk.Metadata.ContinueProperty;
            if (string.IsNullOrEmpty(next))
            {
                chunk.Items = all;
                return chunk;
            }
        }
    }
}
