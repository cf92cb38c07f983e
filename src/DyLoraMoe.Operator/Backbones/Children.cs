using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>
/// Children that are applied when something else is wanted than was applied last, and when they are not any more as they were when they were last seen to be as wanted: somebody edited
/// them. Applying again puts back what the operator owns and leaves what others added. Each is applied once by every process, since nobody saw what was edited before; where nothing was,
/// that writes nothing.
/// </summary>
/// <param name="cluster">Where.</param>
internal sealed class Children(ICluster cluster)
{
    private readonly ConcurrentDictionary<(Type Kind, string Namespace, string Name), string> _contents = new();

    /// <summary>Applies a child unless the one that is there is as it was made from the same.</summary>
    /// <param name="wanted">The child; its hash is put on it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <param name="complete">
    /// Adds, from the one that is there, what is somebody else's to change: it is sent, for what is left out is taken to be given up, and is no reason to apply again. Its last argument
    /// says whether the one that is there was made from the same, and is only looked at for the first time.
    /// </param>
    /// <exception cref="NameTakenException">One of that name is somebody else's.</exception>
    public async Task<T> EnsureAsync<T>(T wanted, CancellationToken cancellationToken, Action<T, T?, bool>? complete = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var hash = Hash.Of(KubernetesJson.Serialize(wanted));
        wanted.Metadata.Annotations ??= new Dictionary<string, string>();
        wanted.Metadata.Annotations[Annotations.InputHash] = hash;
        var (ns, name) = (wanted.Metadata.NamespaceProperty, wanted.Metadata.Name);
        var found = cluster.Find<T>(ns, name);
        var (isSame, isSeen) = (found?.Note(Annotations.InputHash) == hash, _contents.TryGetValue((typeof(T), ns, name), out var content));
        if (isSame && isSeen && ContentOf(found!) == content)
        {
            return found!;
        }

        // The cache holds only what has the operator's label.
        NameTakenException.ThrowIfForeign(wanted, found ?? await cluster.ReadOneAsync<T>(ns, name, cancellationToken));
        complete?.Invoke(wanted, found, isSame && !isSeen);
        var applied = await cluster.ApplyAsync(wanted, cancellationToken);
        _contents[(typeof(T), ns, name)] = ContentOf(applied);
        return applied;
    }

    /// <summary>Deletes a child that is not wanted any more.</summary>
    public Task RemoveAsync<T>(IKubernetesObject<V1ObjectMeta> owner, string name, CancellationToken cancellationToken)
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

    /// <summary>A digest of all but the status and what servers and other controllers note down.</summary>
    public static string ContentOf(IKubernetesObject<V1ObjectMeta> child)
    {
        var content = JsonNode.Parse(KubernetesJson.Serialize(child))!.AsObject();
        content.Remove("status");
        content.Remove("metadata");
        return Hash.Of(content.ToJsonString(), child.Metadata.Uid, KubernetesJson.Serialize(child.Metadata.Labels), KubernetesJson.Serialize(child.Metadata.OwnerReferences));
    }
}
