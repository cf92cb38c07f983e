using System.Collections.Concurrent;
using System.Text.Json;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Garbage;

/// <summary>An object of any kind.</summary>
internal readonly record struct AnyKey(ResourceType Type, ObjectKey Key);

/// <summary>
/// Deletes objects whose owners are all gone, and frees those that still have one of the others. Lets owners that are deleted in the foreground go once
/// their dependents are gone, and frees the dependents of those that are to be orphaned. All kinds the server knows are watched, by metadata alone.
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

        List<V1OwnerReference> solid = [];
        var isAwaited = false;
        foreach (var owner in owners)
        {
            if (await FindOwnerAsync(owner, key.Key.Namespace, cancellation) is not { } found)
            {
                return TimeSpan.FromSeconds(30);
            }

            isAwaited |= found.WaitsForDependents;
            if (found is { Exists: true, WaitsForDependents: false })
            {
                solid.Add(owner);
            }
        }

        if (solid.Count > 0)
        {
            // An owner that waits for its dependents no longer waits for this one: another owner keeps it.
            if (solid.Count < owners.Count)
            {
                await WriteOwnersAsync(key, item, solid, cancellation);
            }

            return null;
        }

        var dependents = isAwaited ? Dependents(item.Metadata.Uid) : [];
        if (dependents.Any(dependent => IsWaiting(dependent.Item)))
        {
            // They may own each other in a circle, in which each would wait for the next.
            await WriteOwnersAsync(key, item, [.. owners.Select(owner => owner with { BlockOwnerDeletion = false })], cancellation);
        }

        var isForeground = dependents.Count > 0 || item.Metadata.Finalizers?.Contains(Foreground) == true;
        var policy = item.Metadata.Finalizers?.Contains(Orphan) == true && dependents.Count == 0 ? "Orphan" : isForeground ? "Foreground" : "Background";
        await Cluster.Api.DeleteAsync(key.Type, key.Key, item.Metadata.Uid, policy, null, cancellation);
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
            return live is not null && live.Metadata.Uid == owner.Uid ? (true, IsWaiting(live)) : (false, false);
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
        var blocking = Dependents(owner.Metadata.Uid).Where(dependent => dependent.Item.Metadata.OwnerReferences.Any(reference => Blocks(reference, owner.Metadata.Uid))).ToList();
        if (blocking.Count == 0)
        {
            await RemoveFinalizerAsync(key, owner, Foreground, cancellation);
        }

        foreach (var (dependent, _) in blocking.Where(dependent => !IsWaiting(dependent.Item)))
        {
            Queue.Add(dependent);
        }
    }

    private static bool Blocks(V1OwnerReference reference, string owner) => reference.Uid == owner && reference.BlockOwnerDeletion == true;

    private async Task OrphanAsync(PartialObject owner, CancellationToken cancellation)
    {
        foreach (var (dependent, item) in Dependents(owner.Metadata.Uid))
        {
            await WriteOwnersAsync(dependent, item, [.. item.Metadata.OwnerReferences.Where(reference => reference.Uid != owner.Metadata.Uid)], cancellation);
        }
    }

    private async Task WriteOwnersAsync(AnyKey key, PartialObject item, IReadOnlyList<V1OwnerReference> owners, CancellationToken cancellation)
    {
        try
        {
            await Cluster.Api.MergeAsync(
                key.Type, key.Key,
                new { metadata = new { uid = item.Metadata.Uid, resourceVersion = item.Metadata.ResourceVersion, ownerReferences = owners } }, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // It is gone already, and its owners with it.
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
            else if (owner.BlockOwnerDeletion == true && now?.Metadata.OwnerReferences?.Any(other => Blocks(other, owner.Uid)) == false)
            {
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
