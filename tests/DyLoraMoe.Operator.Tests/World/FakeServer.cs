using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Operator.Cluster;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>
/// What an API server does with objects, as far as the operator can see it: versions, generations, optimistic concurrency, finalizers, garbage collection by owner.
/// </summary>
internal sealed class FakeServer(TimeProvider clock)
{
    private readonly SortedDictionary<string, Entry> _objects = new(StringComparer.Ordinal);
    private long _version = 1;
    private int _uids;

    /// <summary>Raised after every change: what was, and what is; one of them may be null.</summary>
    public event Action<Type, JsonObject?, JsonObject?>? Changed;

    /// <summary>Names of all objects ever created, by kind.</summary>
    public List<string> Created { get; } = [];

    /// <summary>Calls as the API server's authorizer sees them; where one may lead to another, both.</summary>
    public HashSet<Access> Calls { get; } = [];

    /// <summary>Events that were told.</summary>
    public List<ObservedEvent> Events { get; } = [];

    /// <summary>Whether the namespace is being deleted: nothing new is taken.</summary>
    public bool IsNamespaceLeaving { get; set; }

    /// <summary>What a policy says to an object that would be written; null for nothing.</summary>
    public Func<IKubernetesObject<V1ObjectMeta>, ClusterException?> Admission { get; set; } = _ => null;

    /// <summary>Fields of statuses that somebody else wrote: an apply that does not give them leaves them.</summary>
    public HashSet<string> Foreign { get; } = [];

    public long Version => _version;

    public IEnumerable<T> All<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => _objects.Values.Where(entry => entry.Type == typeof(T)).Select(entry => Read<T>(entry.Json)).ToList();

    /// <summary>The objects of a kind, to look at and not to change.</summary>
    public IEnumerable<T> Peek<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => _objects.Values.Where(entry => entry.Type == typeof(T)).ToList().Select(entry => entry.Typed<T>());

    /// <summary>An object, to look at and not to change.</summary>
    public T? Peek<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => _objects.TryGetValue(Key(typeof(T), ns, name), out var entry) ? entry.Typed<T>() : null;

    public IEnumerable<(Type Type, JsonObject Json)> Everything => _objects.Values.Select(entry => (entry.Type, entry.Json)).ToList();

    public T? Find<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => _objects.TryGetValue(Key(typeof(T), ns, name), out var entry) ? Read<T>(entry.Json) : null;

    public T Create<T>(T wanted)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Admit(wanted);
        var json = Write(wanted);
        var metadata = json["metadata"]!.AsObject();
        var key = Key(typeof(T), wanted.Metadata.NamespaceProperty, wanted.Metadata.Name);
        if (IsNamespaceLeaving)
        {
            throw new ClusterException(HttpStatusCode.Forbidden, $"{key} would be new in a namespace that is being deleted") { IsNamespaceLeaving = true };
        }

        if (_objects.ContainsKey(key))
        {
            throw new ClusterException(HttpStatusCode.Conflict, $"{key} exists");
        }

        foreach (var owner in wanted.Metadata.OwnerReferences ?? [])
        {
            if (owner.BlockOwnerDeletion == true && owner.ApiVersion.StartsWith(Api.ApiNames.Group, StringComparison.Ordinal))
            {
                var kind = _objects.Values.First(entry => (string?)entry.Json["metadata"]!["uid"] == owner.Uid).Type;
                Calls.Add(Access.To("update", kind, "finalizers"));
            }
        }

        metadata["uid"] = $"uid-{++_uids}";
        metadata["generation"] = 1L;
        metadata["creationTimestamp"] = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        if (typeof(T).Namespace == typeof(Api.Resources.Skill).Namespace)
        {
            // The status is a subresource: what a create says about it is ignored.
            json["status"] = new JsonObject { ["observedGeneration"] = -1, ["conditions"] = new JsonArray() };
        }

        Created.Add(key);
        return Read<T>(Put(typeof(T), key, null, json));
    }

    /// <summary>A server-side apply by the operator, the only one to apply: what it gives replaces what it gave.</summary>
    public T Apply<T>(T wanted)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var key = Key(typeof(T), wanted.Metadata.NamespaceProperty, wanted.Metadata.Name);
        var version = wanted.Metadata.ResourceVersion;
        if (!_objects.TryGetValue(key, out var entry))
        {
            return version is null ? Create(wanted) : throw new ClusterException(HttpStatusCode.BadRequest, "resourceVersion should not be set on objects to be created");
        }

        if (version is not null && version != (string?)entry.Json["metadata"]!["resourceVersion"])
        {
            throw new ClusterException(HttpStatusCode.Conflict, $"{key} changed");
        }

        Admit(wanted);
        var json = Clone(entry.Json);
        var given = Write(wanted);
        foreach (var (name, value) in given.Where(pair => pair.Key is not ("metadata" or "status" or "apiVersion" or "kind")))
        {
            json[name] = value?.DeepClone();
        }

        Merge(json["metadata"]!.AsObject(), given["metadata"]!.AsObject());
        return Read<T>(Put(typeof(T), key, entry.Json, json));
    }

    public T ApplyStatus<T>(T seen, JsonNode status)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (key, entry) = Existing<T>(seen);
        if ((string?)entry.Json["metadata"]!["resourceVersion"] != seen.Metadata.ResourceVersion)
        {
            throw new ClusterException(HttpStatusCode.Conflict, $"{key} changed");
        }

        var json = Clone(entry.Json);
        var now = status.DeepClone().AsObject();
        if (json["status"]?["progress"] is { } progress)
        {
            now["progress"] = progress.DeepClone();
        }

        foreach (var name in Foreign.Where(name => now[name] is null && json["status"]?[name] is not null))
        {
            now[name] = json["status"]![name]!.DeepClone();
        }

        json["status"] = now;
        return Read<T>(Put(typeof(T), key, entry.Json, json));
    }

    public T Patch<T>(T seen, JsonObject patch)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (key, entry) = Existing<T>(seen);
        if ((string?)patch["metadata"]?["resourceVersion"] is { } version && version != (string?)entry.Json["metadata"]!["resourceVersion"])
        {
            throw new ClusterException(HttpStatusCode.Conflict, $"{key} changed");
        }

        var json = Clone(entry.Json);
        Merge(json, patch.DeepClone().AsObject());
        var answer = Put(typeof(T), key, entry.Json, json);
        Reap(typeof(T), key);
        return Read<T>(answer);
    }

    /// <summary>What a person or a controller of the cluster changes.</summary>
    public void Change<T>(string ns, string name, Action<T> change)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var key = Key(typeof(T), ns, name);
        var entry = _objects[key];
        var found = Read<T>(entry.Json);
        change(found);
        Put(typeof(T), key, entry.Json, Write(found));
    }

    public void Delete<T>(string ns, string name, string? uid = null) => Delete(typeof(T), Key(typeof(T), ns, name), uid);

    private void Admit(IKubernetesObject<V1ObjectMeta> wanted)
    {
        if (Admission(wanted) is { } refusal)
        {
            throw refusal;
        }
    }

    private void Delete(Type type, string key, string? uid)
    {
        if (!_objects.TryGetValue(key, out var entry) || (uid is not null && (string?)entry.Json["metadata"]!["uid"] != uid))
        {
            return;
        }

        if (entry.Json["metadata"]!["finalizers"]?.AsArray().Count > 0)
        {
            if (entry.Json["metadata"]!["deletionTimestamp"] is null)
            {
                var json = Clone(entry.Json);
                json["metadata"]!["deletionTimestamp"] = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
                json["metadata"]!["generation"] = (long)json["metadata"]!["generation"]! + 1;
                Put(type, key, entry.Json, json);
            }

            return;
        }

        Remove(type, key, entry.Json);
    }

    private void Reap(Type type, string key)
    {
        if (_objects.TryGetValue(key, out var entry) && entry.Json["metadata"]!["deletionTimestamp"] is not null && entry.Json["metadata"]!["finalizers"]?.AsArray().Count is null or 0)
        {
            Remove(type, key, entry.Json);
        }
    }

    private void Remove(Type type, string key, JsonObject last)
    {
        _objects.Remove(key);
        var gone = Clone(last);
        gone["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        Changed?.Invoke(type, gone, null);
        var uid = (string?)last["metadata"]!["uid"];
        foreach (var (childKey, child) in _objects.Where(pair => pair.Value.Json["metadata"]!["ownerReferences"]?.AsArray().Any(owner => (string?)owner!["uid"] == uid) == true).ToList())
        {
            Delete(child.Type, childKey, null);
        }
    }

    private JsonObject Put(Type type, string key, JsonObject? old, JsonObject now)
    {
        if (old is not null)
        {
            if (!SameBut(old, now, "metadata", "status"))
            {
                now["metadata"]!["generation"] = (long)(old["metadata"]!["generation"] ?? 1) + 1;
            }

            now["metadata"]!["resourceVersion"] = old["metadata"]!["resourceVersion"]?.DeepClone();
            if (JsonNode.DeepEquals(old, now))
            {
                return old;
            }
        }

        now["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[key] = new(type, now);
        Changed?.Invoke(type, old, now);
        return now;
    }

    private (string Key, Entry Entry) Existing<T>(T seen)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var key = Key(typeof(T), seen.Metadata.NamespaceProperty, seen.Metadata.Name);
        return _objects.TryGetValue(key, out var entry) && (string?)entry.Json["metadata"]!["uid"] == seen.Metadata.Uid
            ? (key, entry)
            : throw new ClusterException(HttpStatusCode.NotFound, $"{key} is gone");
    }

    private static bool SameBut(JsonObject one, JsonObject two, params string[] names) =>
        one.Select(pair => pair.Key).Union(two.Select(pair => pair.Key)).Except(names).All(name => JsonNode.DeepEquals(one[name], two[name]));

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch.ToList())
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner && target[name] is JsonObject known)
            {
                Merge(known, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    private static string Key(Type type, string ns, string name) => $"{type.Name}/{ns}/{name}";

    private static JsonObject Clone(JsonObject json) => json.DeepClone().AsObject();

    private static JsonObject Write<T>(T found)
        where T : class, IKubernetesObject<V1ObjectMeta> => JsonNode.Parse(KubernetesJson.Serialize(found))!.AsObject();

    public static T Read<T>(JsonObject json)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var found = KubernetesJson.Deserialize<T>(json.ToJsonString());
        var kind = ResourceKind.Of<T>();
        (found.ApiVersion, found.Kind) = (kind.ApiVersion, kind.Kind);
        return found;
    }

    private sealed record Entry(Type Type, JsonObject Json)
    {
        private object? _typed;

        public T Typed<T>()
            where T : class, IKubernetesObject<V1ObjectMeta> => (T)(_typed ??= Read<T>(Json));
    }
}
