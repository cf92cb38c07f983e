using DyLoraMoe.Api;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Children that are applied when they differ from what was applied last.</summary>
internal static class Child
{
    /// <summary>Applies a child unless the one that is there was made from the same.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="wanted">The child; its hash is put on it.</param>
    /// <param name="isIntact">Whether the one that is there still is as it was made, as far as can be told cheaply.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <param name="complete">Adds, from the one that is there, what is somebody else's to change: it is sent, for what is left out is taken to be given up, and is no reason to apply again.</param>
    public static async Task<T> EnsureAsync<T>(ICluster cluster, T wanted, Func<T, bool> isIntact, CancellationToken cancellationToken, Action<T, T?>? complete = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var hash = Hash.Of(KubernetesJson.Serialize(wanted));
        wanted.Metadata.Annotations ??= new Dictionary<string, string>();
        wanted.Metadata.Annotations[Annotations.InputHash] = hash;
        var found = cluster.Find<T>(wanted.Metadata.NamespaceProperty, wanted.Metadata.Name);
        if (found?.Note(Annotations.InputHash) == hash && isIntact(found))
        {
            return found;
        }

        complete?.Invoke(wanted, found);
        return await cluster.ApplyAsync(wanted, cancellationToken);
    }

    /// <summary>Deletes a child that is not wanted any more.</summary>
    public static Task RemoveAsync<T>(ICluster cluster, IKubernetesObject<V1ObjectMeta> owner, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        cluster.Find<T>(owner.Metadata.NamespaceProperty, name) is { Metadata.DeletionTimestamp: null } found && owner.Owns(found)
            ? cluster.DeleteAsync(found, cancellationToken)
            : Task.CompletedTask;

    /// <summary>What every child of a backbone has.</summary>
    public static V1ObjectMeta Metadata(BackboneScope scope, string name, string component) => new()
    {
        Name = name,
        NamespaceProperty = scope.Namespace,
        Labels = CommonLabels.Of(scope.Name, component),
        OwnerReferences = [Owner.Of(scope.Backbone)],
    };
}
