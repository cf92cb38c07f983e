using System.Collections.Concurrent;
using System.Text.Json;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Garbage;

/// <summary>An object of any kind.</summary>
internal readonly record struct AnyKey(ResourceType Type, ObjectKey Key);

/// <summary>
/// Deletes objects whose owners are gone, lets owners that are deleted in the foreground go once their dependents are gone,
/// and frees the dependents of those that are to be orphaned. All kinds the server knows are watched, by metadata alone.
/// </summary>
internal sealed class GarbageCollector : Controller<AnyKey>, IDisposable
{
    public const string Foreground = "foregroundDeletion";
    public const string Orphan = "orphan";

    private static readonly HashSet<string> Skipped = ["events"];

    private readonly Dictionary<(string Group, string Plural), (ResourceType Type, Informer<PartialObject> Informer)> _kinds = [];
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<AnyKey, bool>> _dependents = new();
    private readonly Informer<V1CustomResourceDefinition> _definitions;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _discover = new(1);

    public GarbageCollector(ClusterContext cluster)
        : base("GarbageCollector", cluster)
    {
        _definitions = cluster.Informer<V1CustomResourceDefinition>();
        _definitions.Changed += (_, _) => Rediscover();
    }

    protected override IEnumerable<IInformer> Sources => [_definitions];

    /// <summary>Watches the kinds that the server serves, and those that come.</summary>
    public async Task WatchKindsAsync(CancellationToken cancellation)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await _discover.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
                try
                {
                    foreach (var type in await DiscoverAsync(cancellation))
                    {
                        if (Add(type) is { } informer)
                        {
                            running.Add(informer.RunAsync(cancellation));
                        }
                    }
                }
                catch (Exception e) when (e is ApiException or HttpRequestException or JsonException or IOException)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), Cluster.Time, cancellation);
                    Rediscover();
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Task.WhenAll(running);
        }
    }

    protected override async Task<TimeSpan?> ReconcileAsync(AnyKey key, CancellationToken cancellation)
    {
        if (Informer(key.Type)?.Get(key.Key) is not { } item)
        {
            return null;
        }

        if (item.Metadata.DeletionTimestamp is not null)
        {
            if (item.Metadata.Finalizers?.Contains(Orphan) == true)
            {
                await OrphanAsync(item, cancellation);
                await RemoveFinalizerAsync(key, item, Orphan, cancellation);
            }
            else if (item.Metadata.Finalizers?.Contains(Foreground) == true)
            {
                await ForegroundAsync(key, item, cancellation);
            }

            return null;
        }

        return await CollectAsync(key, item, cancellation);
    }

    private async Task<TimeSpan?> CollectAsync(AnyKey key, PartialObject item, CancellationToken cancellation)
    {
        if (item.Metadata.OwnerReferences is not { Count: > 0 } owners)
        {
            return null;
        }

        var waiting = false;
        var absent = 0;
        foreach (var owner in owners)
        {
            var found = await FindOwnerAsync(owner, key.Key.Namespace, cancellation);
            if (found is null)
            {
                return TimeSpan.FromSeconds(30);
            }

            absent += found.Value.Exists ? 0 : 1;
            waiting |= found.Value.WaitsForDependents;
        }

        if (absent == owners.Count)
        {
            await Cluster.Api.DeleteAsync(
                key.Type, key.Key, item.Metadata.Uid, item.Metadata.Finalizers?.Contains(Foreground) == true ? "Foreground" : "Background", null, cancellation);
        }
        else if (waiting && owners.Count == 1)
        {
            await Cluster.Api.DeleteAsync(key.Type, key.Key, item.Metadata.Uid, "Foreground", null, cancellation);
        }

        return null;
    }

    /// <summary>Whether an owner is there, by asking the server unless it is known to be; null when its kind is not served.</summary>
    private async Task<(bool Exists, bool WaitsForDependents)?> FindOwnerAsync(V1OwnerReference owner, string ns, CancellationToken cancellation)
    {
        if (TypeOf(owner) is not { } type)
        {
            return null;
        }

        foreach (var space in (string[])[ns, ""])
        {
            if (Informer(type)!.Get(new ObjectKey(space, owner.Name)) is { } known && known.Metadata.Uid == owner.Uid)
            {
                return (true, IsWaiting(known));
            }
        }

        try
        {
            var live = await Cluster.Api.FindMetadataAsync(type, ns.Length == 0 ? null : ns, owner.Name, cancellation)
                ?? (ns.Length == 0 ? null : await Cluster.Api.FindMetadataAsync(type, null, owner.Name, cancellation));
            return (live?.Metadata.Uid == owner.Uid, live is not null && IsWaiting(live));
        }
        catch (ApiException e) when ((int)e.Code is 400 or 405)
        {
            return (false, false);
        }
    }

    private static bool IsWaiting(PartialObject owner) =>
        owner.Metadata.DeletionTimestamp is not null && owner.Metadata.Finalizers?.Contains(Foreground) == true;

    private async Task ForegroundAsync(AnyKey key, PartialObject owner, CancellationToken cancellation)
    {
        var blocking = 0;
        foreach (var (dependent, item) in Dependents(owner.Metadata.Uid))
        {
            if (item.Metadata.DeletionTimestamp is null && item.Metadata.OwnerReferences.Count == 1)
            {
                await Cluster.Api.DeleteAsync(dependent.Type, dependent.Key, item.Metadata.Uid, "Foreground", null, cancellation);
            }

            blocking += item.Metadata.OwnerReferences.Any(reference => reference.Uid == owner.Metadata.Uid && reference.BlockOwnerDeletion == true) ? 1 : 0;
        }

        if (blocking == 0)
        {
            await RemoveFinalizerAsync(key, owner, Foreground, cancellation);
        }
    }

    private async Task OrphanAsync(PartialObject owner, CancellationToken cancellation)
    {
        foreach (var (dependent, item) in Dependents(owner.Metadata.Uid))
        {
            var left = item.Metadata.OwnerReferences.Where(reference => reference.Uid != owner.Metadata.Uid).ToArray();
            try
            {
                await Cluster.Api.MergeAsync(
                    dependent.Type, dependent.Key,
                    new { metadata = new { uid = item.Metadata.Uid, resourceVersion = item.Metadata.ResourceVersion, ownerReferences = left } }, cancellation);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Nothing is left to free.
            }
        }
    }

    private async Task RemoveFinalizerAsync(AnyKey key, PartialObject item, string finalizer, CancellationToken cancellation)
    {
        var left = item.Metadata.Finalizers.Where(name => name != finalizer).ToArray();
        try
        {
            await Cluster.Api.MergeAsync(
                key.Type, key.Key,
                new { metadata = new { uid = item.Metadata.Uid, resourceVersion = item.Metadata.ResourceVersion, finalizers = left } }, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // It is gone already.
        }
    }

    private List<(AnyKey Key, PartialObject Item)> Dependents(string uid) =>
        !_dependents.TryGetValue(uid, out var keys) ? [] :
            [.. keys.Keys.Select(key => (key, Item: Informer(key.Type)?.Get(key.Key)))
                .Where(pair => pair.Item?.Metadata.OwnerReferences?.Any(owner => owner.Uid == uid) == true)
                .Select(pair => (pair.key, pair.Item!))];

    public void Dispose() => _discover.Dispose();

    private void Rediscover()
    {
        lock (_gate)
        {
            if (_discover.CurrentCount == 0)
            {
                _discover.Release();
            }
        }
    }

    private Informer<PartialObject>? Add(ResourceType type)
    {
        lock (_gate)
        {
            if (_kinds.ContainsKey((type.Group, type.Plural)))
            {
                return null;
            }

            var informer = Cluster.NewInformer<PartialObject>(type);
            informer.Changed += (before, now) => Look(type, before, now);
            _kinds[(type.Group, type.Plural)] = (type, informer);
            return informer;
        }
    }

    private void Look(ResourceType type, PartialObject? before, PartialObject? now)
    {
        var key = new AnyKey(type, ObjectKey.Of((now ?? before)!));
        foreach (var owner in before?.Metadata.OwnerReferences ?? [])
        {
            if (now?.Metadata.OwnerReferences?.Any(other => other.Uid == owner.Uid) != true
                && _dependents.TryGetValue(owner.Uid, out var keys))
            {
                keys.TryRemove(key, out _);
                EnqueueOwner(owner, key.Key.Namespace);
            }
        }

        foreach (var owner in now?.Metadata.OwnerReferences ?? [])
        {
            _dependents.GetOrAdd(owner.Uid, _ => new())[key] = true;
        }

        if (now is null || now.Metadata.Uid != before?.Metadata.Uid || now.Metadata.DeletionTimestamp is not null)
        {
            if (before is not null && _dependents.TryGetValue(before.Metadata.Uid, out var dependents))
            {
                foreach (var dependent in dependents.Keys)
                {
                    Queue.Add(dependent);
                }
            }
        }

        if (now is not null && (now.Metadata.OwnerReferences is { Count: > 0 } || now.Metadata.Finalizers is { Count: > 0 }))
        {
            Queue.Add(key);
        }
    }

    private void EnqueueOwner(V1OwnerReference owner, string ns)
    {
        if (TypeOf(owner) is not { } type)
        {
            return;
        }

        foreach (var space in (string[])[ns, ""])
        {
            Queue.Add(new AnyKey(type, new ObjectKey(space, owner.Name)));
        }
    }

    private ResourceType? TypeOf(V1OwnerReference owner)
    {
        var group = owner.ApiVersion.Contains('/', StringComparison.Ordinal) ? owner.ApiVersion.Split('/')[0] : "";
        lock (_gate)
        {
            return _kinds.Values.FirstOrDefault(kind => kind.Type.Group == group && kind.Type.Kind == owner.Kind).Type;
        }
    }

    private Informer<PartialObject>? Informer(ResourceType type)
    {
        lock (_gate)
        {
            return _kinds.GetValueOrDefault((type.Group, type.Plural)).Informer;
        }
    }

    private async Task<List<ResourceType>> DiscoverAsync(CancellationToken cancellation)
    {
        var types = new List<ResourceType>();
        await ReadGroupAsync("", "v1", "api/v1", types, cancellation);
        var groups = await Cluster.Api.ReadAsync("apis", cancellation);
        foreach (var group in groups.GetProperty("groups").EnumerateArray())
        {
            var name = group.GetProperty("name").GetString()!;
            var version = group.GetProperty("preferredVersion").GetProperty("version").GetString()!;
            await ReadGroupAsync(name, version, $"apis/{name}/{version}", types, cancellation);
        }

        return types;
    }

    private async Task ReadGroupAsync(string group, string version, string path, List<ResourceType> types, CancellationToken cancellation)
    {
        var list = await Cluster.Api.ReadAsync(path, cancellation);
        foreach (var resource in list.GetProperty("resources").EnumerateArray())
        {
            var name = resource.GetProperty("name").GetString()!;
            var verbs = resource.GetProperty("verbs").EnumerateArray().Select(verb => verb.GetString()).ToHashSet();
            if (!name.Contains('/', StringComparison.Ordinal) && !Skipped.Contains(name) && verbs.IsSupersetOf(["list", "watch", "delete"]))
            {
                types.Add(new ResourceType(group, version, resource.GetProperty("kind").GetString()!, name));
            }
        }
    }
}
