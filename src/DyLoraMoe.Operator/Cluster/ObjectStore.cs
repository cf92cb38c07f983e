using System.Collections.Concurrent;
using System.Globalization;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>What is known of one kind: fed by a watch, and by the answers to this operator's own writes.</summary>
internal sealed class ObjectStore<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), T> _objects = new();

    // What listeners were last told. The answer to a write is mostly here before the watch sees the change, and listeners hear of it only then.
    private readonly Dictionary<(string Namespace, string Name), T> _told = [];

    // By the uid of an owner: among thousands, a visit asks for the few that are its own.
    private readonly Dictionary<string, HashSet<(string Namespace, string Name)>> _owned = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private ulong _watchedTo;

    /// <summary>Whether the first list has come in.</summary>
    public bool HasSynced { get; private set; }

    /// <summary>Raised after a change that came by the watch: what was when this was last raised, and what is; one of them may be null.</summary>
    public event Action<T?, T?>? Changed;

    public int Count => _objects.Count;

    public T? Find(string ns, string name) => _objects.GetValueOrDefault((ns, name));

    /// <summary>All objects of a namespace, or of all when null, in order of their names.</summary>
    public List<T> List(string? ns) =>
        [.. _objects.Values.Where(found => ns is null || found.Metadata.NamespaceProperty == ns).OrderBy(found => found.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>All objects, in no order.</summary>
    public IEnumerable<T> All() => _objects.Select(pair => pair.Value);

    /// <summary>All objects that name an owner, in order of their names.</summary>
    public List<T> OwnedBy(string uid)
    {
        lock (_gate)
        {
            return _owned.TryGetValue(uid, out var keys) ? [.. keys.Select(key => _objects[key]).OrderBy(found => found.Metadata.Name, StringComparer.Ordinal)] : [];
        }
    }

    /// <summary>
    /// Everything there is, from a list at <paramref name="resourceVersion"/>. A list comes from where the server keeps its objects, so one that is older than what a
    /// watch has told comes from a server that was put back, and is right all the same.
    /// </summary>
    /// <param name="all">The objects.</param>
    /// <param name="resourceVersion">The version of the list.</param>
    /// <param name="isPutBack">Whether the server was put back for certain: the list says all, and whatever seems newer is of a past that never was.</param>
    public void Replace(IReadOnlyList<T> all, string? resourceVersion, bool isPutBack = false)
    {
        var changes = new List<(T? Old, T? New)>();
        lock (_gate)
        {
            var listed = all.ToDictionary(KeyOf);
            var version = VersionOf(resourceVersion);
            isPutBack |= version < _watchedTo;
            foreach (var (key, known) in _objects)
            {
                // What this operator wrote after the list was taken is not in it yet.
                if (!listed.ContainsKey(key) && (isPutBack || VersionOf(known.Metadata.ResourceVersion) <= version))
                {
                    Drop(key);
                    changes.Add((_told.Remove(key, out var told) ? told : known, null));
                }
            }

            foreach (var (key, found) in listed)
            {
                if (!isPutBack && _objects.GetValueOrDefault(key) is { } known && IsOlder(found, known))
                {
                    continue;
                }

                var kept = Put(key, found);
                var told = _told.GetValueOrDefault(key);
                if (told is null || IsOlder(told, kept) || (isPutBack && told != kept))
                {
                    _told[key] = kept;
                    changes.Add((told, kept));
                }
            }

            _watchedTo = version;
            HasSynced = true;
        }

        changes.ForEach(change => Changed?.Invoke(change.Old, change.New));
    }

    /// <summary>An object that a watch has seen added or changed.</summary>
    public void Watched(T found)
    {
        T? told;
        lock (_gate)
        {
            _watchedTo = Math.Max(_watchedTo, VersionOf(found.Metadata.ResourceVersion));
            if (_objects.GetValueOrDefault(KeyOf(found)) is { } known && IsOlder(found, known))
            {
                // The watch will come to the newer one too.
                return;
            }

            found = Put(KeyOf(found), found);
            told = _told.GetValueOrDefault(KeyOf(found));
            _told[KeyOf(found)] = found;
        }

        Changed?.Invoke(told, found);
    }

    /// <summary>An object that a watch has seen deleted.</summary>
    public void WatchedDeletion(T last)
    {
        T? told;
        lock (_gate)
        {
            _watchedTo = Math.Max(_watchedTo, VersionOf(last.Metadata.ResourceVersion));
            var known = _objects.GetValueOrDefault(KeyOf(last));

            // One of the same name may have been created by this operator since.
            if (known is not null && known.Metadata.Uid != last.Metadata.Uid)
            {
                return;
            }

            Drop(KeyOf(last));
            _told.Remove(KeyOf(last), out told);
        }

        Changed?.Invoke(told ?? last, null);
    }

    /// <summary>The answer to a write or a read: taken unless the watch is past it, when it would bring back what may be gone.</summary>
    public void Wrote(T answer)
    {
        lock (_gate)
        {
            var version = VersionOf(answer.Metadata.ResourceVersion);
            var known = _objects.GetValueOrDefault(KeyOf(answer));
            if (version > _watchedTo && (known is null || VersionOf(known.Metadata.ResourceVersion) < version))
            {
                Put(KeyOf(answer), answer);
            }
        }
    }

    // Replaced in one step: a visit that looks meanwhile must not find nothing. The same version comes from a write, a read and a watch; one of them is
    // enough, for others hold on to it too.
    private T Put((string Namespace, string Name) key, T found)
    {
        var known = _objects.GetValueOrDefault(key);
        if (known is not null && known.Metadata.ResourceVersion is { } version && version == found.Metadata.ResourceVersion && known.Metadata.Uid == found.Metadata.Uid)
        {
            return known;
        }

        _objects[key] = found;
        Index(key, known, found);
        return found;
    }

    private void Drop((string Namespace, string Name) key)
    {
        if (_objects.TryRemove(key, out var known))
        {
            Index(key, known, null);
        }
    }

    private void Index((string Namespace, string Name) key, T? before, T? after)
    {
        foreach (var owner in before?.Metadata.OwnerReferences ?? [])
        {
            if (_owned.TryGetValue(owner.Uid, out var keys) && keys.Remove(key) && keys.Count == 0)
            {
                _owned.Remove(owner.Uid);
            }
        }

        foreach (var owner in after?.Metadata.OwnerReferences ?? [])
        {
            if (!_owned.TryGetValue(owner.Uid, out var keys))
            {
                _owned[owner.Uid] = keys = [];
            }

            keys.Add(key);
        }
    }

    private static bool IsOlder(T one, T other) => VersionOf(one.Metadata.ResourceVersion) < VersionOf(other.Metadata.ResourceVersion);

    // Resource versions of one kind are comparable numbers; whatever is not a number counts as the newest.
    private static ulong VersionOf(string? resourceVersion) =>
        ulong.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : ulong.MaxValue;

    private static (string, string) KeyOf(T found) => (found.Metadata.NamespaceProperty ?? "", found.Metadata.Name);
}
