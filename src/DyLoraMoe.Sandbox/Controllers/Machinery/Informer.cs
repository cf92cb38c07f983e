using System.Globalization;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Something that must have read its objects once before a controller may decide on them.</summary>
internal interface IInformer
{
    Task Synced { get; }

    Task RunAsync(CancellationToken cancellation);
}

/// <summary>
/// A local copy of all objects of a kind, kept current by list and watch. It relists when the server has forgotten the
/// version to go on from, and reconnects with backoff. What this process wrote itself can be put in at once
/// (<see cref="Observe"/>), so a controller never decides on a state older than its own last write.
/// </summary>
internal sealed class Informer<T>(
    ApiClient api, ResourceType type, string? fieldSelector, TimeProvider time, ILogger logger, Random jitter) : IInformer
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastBackoff = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, T>> _items = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _byController = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _seen;

    public ResourceType Type => type;

    public Task Synced => _synced.Task;

    /// <summary>Raised after each change with the object before (null: new) and now (null: gone). Handlers must be quick.</summary>
    public event Action<T?, T?>? Changed;

    public T? Get(ObjectKey key)
    {
        lock (_gate)
        {
            return _items.TryGetValue(key.Namespace, out var names) ? names.GetValueOrDefault(key.Name) : null;
        }
    }

    public List<T> All()
    {
        lock (_gate)
        {
            return [.. _items.Values.SelectMany(names => names.Values)];
        }
    }

    public List<T> In(string ns)
    {
        lock (_gate)
        {
            return _items.TryGetValue(ns, out var names) ? [.. names.Values] : [];
        }
    }

    /// <summary>The objects whose controller has this uid.</summary>
    public List<T> ControlledBy(string uid)
    {
        lock (_gate)
        {
            return _byController.TryGetValue(uid, out var keys) ? [.. keys.Select(key => _items[key.Namespace][key.Name])] : [];
        }
    }

    /// <summary>The objects of a namespace that have no controller.</summary>
    public List<T> Orphans(string ns)
    {
        lock (_gate)
        {
            return _byController.TryGetValue("", out var keys)
                ? [.. keys.Where(key => key.Namespace == ns).Select(key => _items[key.Namespace][key.Name])]
                : [];
        }
    }

    /// <summary>Puts in the answer to a write of this process, unless the watch is already past it.</summary>
    public T Observe(T written)
    {
        T? before;
        lock (_gate)
        {
            var version = VersionOf(written);
            if (version <= _seen || (Get(ObjectKey.Of(written)) is { } known && VersionOf(known) >= version))
            {
                return written;
            }

            before = Put(written);
        }

        Changed?.Invoke(before, written);
        return written;
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var backoff = FirstBackoff;
        string? version = null;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                version ??= await RelistAsync(cancellation);
                _synced.TrySetResult();
                var limit = TimeSpan.FromSeconds(300 + jitter.Next(300));
                await foreach (var (kind, item) in api.WatchAsync<T>(type, fieldSelector, version, limit, cancellation))
                {
                    backoff = FirstBackoff;
                    version = item.Metadata.ResourceVersion ?? version;
                    Apply(kind, item);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.IsGone)
            {
                version = null;
            }
            catch (Exception e)
            {
                if (e is ApiException)
                {
                    version = null;
                }

                InformerLog.Interrupted(logger, type.Plural, e.Message);
                try
                {
                    await Task.Delay(backoff * (1 + jitter.NextDouble()), time, cancellation);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LastBackoff.Ticks));
            }
        }
    }

    private async Task<string> RelistAsync(CancellationToken cancellation)
    {
        var (items, version) = await api.ListAsync<T>(type, fieldSelector, cancellation);
        var changes = new List<(T?, T?)>();
        lock (_gate)
        {
            var present = items.Select(item => ObjectKey.Of(item)).ToHashSet();
            foreach (var gone in _items.Values.SelectMany(names => names.Values)
                .Where(item => !present.Contains(ObjectKey.Of(item)) && VersionOf(item) <= Number(version)).ToList())
            {
                Remove(ObjectKey.Of(gone));
                changes.Add((gone, null));
            }

            foreach (var item in items)
            {
                if (Get(ObjectKey.Of(item)) is { } known && VersionOf(known) > VersionOf(item))
                {
                    continue;
                }

                var before = Put(item);
                if (before?.Metadata.ResourceVersion != item.Metadata.ResourceVersion)
                {
                    changes.Add((before, item));
                }
            }

            _seen = Math.Max(_seen, Number(version));
        }

        foreach (var (before, now) in changes)
        {
            Changed?.Invoke(before, now);
        }

        return version;
    }

    private void Apply(string kind, T item)
    {
        T? before = null;
        T? now = null;
        lock (_gate)
        {
            var version = VersionOf(item);
            _seen = Math.Max(_seen, version);
            var key = ObjectKey.Of(item);
            switch (kind)
            {
                case "BOOKMARK":
                    return;
                case "DELETED":
                    before = Remove(key);
                    break;
                default:
                    if (Get(key) is { } known && VersionOf(known) > version)
                    {
                        return;
                    }

                    before = Put(item);
                    now = item;
                    break;
            }
        }

        if (before is not null || now is not null)
        {
            Changed?.Invoke(before, now);
        }
    }

    private T? Put(T item)
    {
        item.ApiVersion ??= type.ApiVersion;
        item.Kind ??= type.Kind;
        var key = ObjectKey.Of(item);
        var before = Remove(key);
        if (!_items.TryGetValue(key.Namespace, out var names))
        {
            _items[key.Namespace] = names = [];
        }

        names[key.Name] = item;
        var controller = ControllerOf(item);
        if (!_byController.TryGetValue(controller, out var keys))
        {
            _byController[controller] = keys = [];
        }

        keys.Add(key);
        return before;
    }

    private T? Remove(ObjectKey key)
    {
        if (!_items.TryGetValue(key.Namespace, out var names) || !names.Remove(key.Name, out var item))
        {
            return null;
        }

        if (names.Count == 0)
        {
            _items.Remove(key.Namespace);
        }

        var controller = ControllerOf(item);
        _byController[controller].Remove(key);
        if (_byController[controller].Count == 0)
        {
            _byController.Remove(controller);
        }

        return item;
    }

    private static string ControllerOf(T item) => item.GetController()?.Uid ?? "";

    private static long VersionOf(T item) => Number(item.Metadata.ResourceVersion);

    private static long Number(string? version) =>
        long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

internal static partial class InformerLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Watching {Plural} was interrupted: {Reason}")]
    public static partial void Interrupted(ILogger logger, string plural, string reason);
}
