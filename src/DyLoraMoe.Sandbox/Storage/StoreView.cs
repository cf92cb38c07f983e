using System.Collections.Immutable;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>Everything that was durable at one resource version. Taking one costs nothing, and it never changes.</summary>
internal sealed class StoreView
{
    private static readonly ImmutableSortedDictionary<string, StoredObject> NoNames = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);
    private static readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> NoNamespaces =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(StringComparer.Ordinal);

    private readonly ImmutableDictionary<string, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>>> _collections;

    private StoreView(ulong version, ImmutableDictionary<string, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>>> collections)
    {
        Version = version;
        _collections = collections;
    }

    /// <summary>A store without objects.</summary>
    public static StoreView Empty { get; } = new(0, ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>>>(StringComparer.Ordinal));

    /// <summary>The resource version of the last write in it.</summary>
    public ulong Version { get; }

    /// <summary>The names of the collections that hold objects.</summary>
    public IEnumerable<string> Collections => _collections.Keys;

    /// <summary>The object at <paramref name="key"/>, or null.</summary>
    public StoredObject? Find(ObjectKey key) =>
        _collections.TryGetValue(key.Collection, out var namespaces)
        && namespaces.TryGetValue(key.Namespace, out var names)
        && names.TryGetValue(key.Name, out StoredObject? found) ? found : null;

    /// <summary>The objects of a collection in order of namespace and name, those of one namespace when it is not null.</summary>
    public IEnumerable<StoredObject> List(string collection, string? space = null)
    {
        if (!_collections.TryGetValue(collection, out var namespaces))
        {
            return [];
        }

        return space is null
            ? namespaces.Values.SelectMany(names => names.Values)
            : namespaces.TryGetValue(space, out var own) ? own.Values : [];
    }

    /// <summary>The view after one more write.</summary>
    public StoreView With(StoreEvent change)
    {
        var namespaces = _collections.GetValueOrDefault(change.Key.Collection, NoNamespaces);
        var names = namespaces.GetValueOrDefault(change.Key.Namespace, NoNames);
        names = change.Current is null ? names.Remove(change.Key.Name) : names.SetItem(change.Key.Name, change.Current);
        namespaces = names.IsEmpty ? namespaces.Remove(change.Key.Namespace) : namespaces.SetItem(change.Key.Namespace, names);
        return new StoreView(change.Version, namespaces.IsEmpty
            ? _collections.Remove(change.Key.Collection)
            : _collections.SetItem(change.Key.Collection, namespaces));
    }

    /// <summary>The same objects at a later resource version, after writes of which nothing is left.</summary>
    public StoreView At(ulong version) => new(version, _collections);
}
