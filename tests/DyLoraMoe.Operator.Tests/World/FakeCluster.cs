using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>
/// The cluster as one run of the operator sees it: the product's own caches, fed late if that is asked for, and calls that fail as the faults say. It dies
/// with the run.
/// </summary>
internal sealed class FakeCluster : ICluster, IObjectStores
{
    private readonly FakeServer _server;
    private readonly Faults _faults;
    private readonly Dictionary<Type, IFeed> _feeds = [];
    private readonly Dictionary<Type, Queue<(JsonObject? Old, JsonObject? Now)>> _late = [];

    public FakeCluster(FakeServer server, Faults faults)
    {
        (_server, _faults) = (server, faults);
        Keep<Backbone>();
        Keep<Skill>(Trimming.Skill);
        Keep<LoraExpert>();
        Keep<Consolidation>();
        Keep<Growth>();
        Keep<V1ConfigMap>(Trimming.ConfigMap);
        Keep<V1PersistentVolumeClaim>(Trimming.Claim);
        Keep<V1Job>(Trimming.Job);
        Keep<V1Pod>(Trimming.Pod);
        Keep<V1Deployment>();
        Keep<V1Service>();
        Keep<V1ServiceAccount>();
        Keep<V1Role>();
        Keep<V1RoleBinding>();
        Keep<V1PodDisruptionBudget>();
        Keep<V2HorizontalPodAutoscaler>();
        server.Changed += Happened;
    }

    public bool IsDead { get; private set; }

    /// <summary>The kinds that it keeps caches of.</summary>
    public IEnumerable<Type> Kinds => _feeds.Keys;

    public int Writes { get; private set; }

    /// <summary>What was written, newest last, for the message of a test that fails.</summary>
    public List<Func<string>> Log { get; } = [];

    public bool IsCurrent { get; set; } = true;

    public ObjectStore<T> Store<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => ((Feed<T>)_feeds[typeof(T)]).Store;

    /// <summary>Fills the caches, as the first lists of a new process do.</summary>
    public void Sync()
    {
        foreach (var feed in _feeds.Values)
        {
            feed.Replace(_server);
        }
    }

    /// <summary>Delivers some of what the watches have not told yet. Each kind has a watch of its own, and which of them is ahead nobody knows.</summary>
    /// <returns>Whether there was any.</returns>
    public bool Deliver(int most)
    {
        var any = false;
        while (most-- > 0 && _late.Count > 0)
        {
            any = true;
            var (type, changes) = _late.ElementAt(_late.Count == 1 ? 0 : _faults.Random.Next(_late.Count));
            var (old, now) = changes.Dequeue();
            if (changes.Count == 0)
            {
                _late.Remove(type);
            }

            _feeds[type].Take(old, now);
        }

        return any;
    }

    public void Die()
    {
        IsDead = true;
        _server.Changed -= Happened;
    }

    public T? Find<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().Find(ns, name);

    public IReadOnlyList<T> List<T>(string ns, string label, string value)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        [.. Store<T>().List(ns).Where(found => found.Metadata.Labels is { } labels && labels.TryGetValue(label, out var has) && has == value)];

    public IReadOnlyList<T> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().List(ns);

    public IReadOnlyList<T> ListOwned<T>(IKubernetesObject<V1ObjectMeta> owner)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().OwnedBy(owner.Metadata.Uid);

    public IEnumerable<T> ListAll<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().All();

    public async Task<IReadOnlyList<T>> ReadAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await ReadAsync($"list {typeof(T).Name}", Access.To("list", typeof(T)));
        var parts = labelSelector.Split('=', 2);
        IReadOnlyList<T> found = [.. _server.All<T>().Where(each => each.Metadata.NamespaceProperty == ns && each.Metadata.Labels?.TryGetValue(parts[0], out var value) == true && value == parts[1])];
        return found;
    }

    public async Task<T?> ReadOneAsync<T>(string ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await ReadAsync($"get {typeof(T).Name} {name}", Access.To("get", typeof(T)));
        return _server.Find<T>(ns, name);
    }

    public void Observe<T>(T found)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().Wrote(found);

    public Task<T> GetOrCreateAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync(["create", "get"], null, () => $"create {typeof(T).Name} {wanted.Metadata.Name}", () =>
        {
            try
            {
                return _server.Create(wanted);
            }
            catch (ClusterException error) when (error.IsConflict)
            {
                return _server.Find<T>(wanted.Metadata.NamespaceProperty, wanted.Metadata.Name)!;
            }
        });

    public Task<T> ApplyAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => WriteAsync(["patch", "create"], null, () => $"apply {typeof(T).Name} {wanted.Metadata.Name}", () => _server.Apply(wanted));

    public Task<T> ApplyStatusAsync<T>(T seen, JsonNode status, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => WriteAsync(["patch"], "status", () => $"status {typeof(T).Name} {seen.Metadata.Name} {status.ToJsonString()}", () => _server.ApplyStatus(seen, status));

    public Task<T> MergeStatusAsync<T>(T seen, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => WriteAsync(["patch"], "status", () => $"patch status {typeof(T).Name} {seen.Metadata.Name} {patch.ToJsonString()}", () => _server.Patch(seen, patch));

    public Task<T> MergeAsync<T>(T seen, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => WriteAsync(["patch"], null, () => $"patch {typeof(T).Name} {seen.Metadata.Name} {patch.ToJsonString()}", () => _server.Patch(seen, patch));

    public async Task DeleteAsync<T>(T seen, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await WriteAsync<T>(["delete"], null, () => $"delete {typeof(T).Name} {seen.Metadata.Name}", () =>
        {
            _server.Delete<T>(seen.Metadata.NamespaceProperty, seen.Metadata.Name, seen.Metadata.Uid);
            return null;
        });

    public Task RecordAsync(ObservedEvent happened, CancellationToken cancellationToken)
    {
        _server.Calls.Add(Access.To("create", typeof(Corev1Event)));
        _server.Events.Add(happened);
        return Task.CompletedTask;
    }

    // A read has nobody who could be faster.
    private async Task ReadAsync(string what, Access access)
    {
        await Task.Yield();
        if (IsDead)
        {
            throw new ClusterException(null, "The process is dead.");
        }

        _server.Calls.Add(access);
        var fault = _faults.Next();
        Log.Add(() => $"{fault} {what}");
        switch (fault)
        {
            case Fault.TooMany:
                throw new ClusterException(HttpStatusCode.TooManyRequests, what) { RetryAfter = TimeSpan.FromSeconds(1) };
            case Fault.ServerError:
                throw new ClusterException(HttpStatusCode.InternalServerError, what);
            case Fault.Timeout:
                throw new ClusterException(null, what);
            case Fault.CrashBefore or Fault.CrashAfter:
                Die();
                throw new ClusterException(null, what);
        }
    }

    private async Task<T> WriteAsync<T>(string[] verbs, string? subresource, Func<string> describe, Func<T?> write)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await Task.Yield();
        if (IsDead)
        {
            throw new ClusterException(null, "The process is dead.");
        }

        _server.Calls.UnionWith(verbs.Select(verb => Access.To(verb, typeof(T), subresource)));
        var fault = _faults.Next();
        Log.Add(() => $"{fault} {describe()}");
        switch (fault)
        {
            case Fault.Conflict:
                throw new ClusterException(HttpStatusCode.Conflict, describe());
            case Fault.TooMany:
                throw new ClusterException(HttpStatusCode.TooManyRequests, describe()) { RetryAfter = TimeSpan.FromSeconds(1) };
            case Fault.ServerError:
                throw new ClusterException(HttpStatusCode.InternalServerError, describe());
            case Fault.CrashBefore:
                Die();
                throw new ClusterException(null, describe());
        }

        Writes++;
        var answer = write();
        switch (fault)
        {
            case Fault.Timeout:
                throw new ClusterException(null, describe());
            case Fault.CrashAfter:
                Die();
                throw new ClusterException(null, describe());
        }

        if (answer is not null)
        {
            answer = ((Feed<T>)_feeds[typeof(T)]).Trim(answer);
            Store<T>().Wrote(answer);
        }

        return answer!;
    }

    private void Happened(Type type, JsonObject? old, JsonObject? now)
    {
        if (!_feeds.ContainsKey(type))
        {
            return;
        }

        if (!_late.TryGetValue(type, out var changes))
        {
            _late[type] = changes = new();
        }

        changes.Enqueue((old, now));
        if (!_faults.AreWatchesLate)
        {
            Deliver(int.MaxValue);
        }
    }

    private void Keep<T>(Func<T, T>? trim = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        _feeds[typeof(T)] = new Feed<T>(trim ?? (found => found));
        _server.Calls.Add(Access.To("list", typeof(T)));
        _server.Calls.Add(Access.To("watch", typeof(T)));
    }

    private interface IFeed
    {
        void Take(JsonObject? old, JsonObject? now);

        void Replace(FakeServer server);
    }

    private sealed class Feed<T>(Func<T, T> trim) : IFeed
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        public ObjectStore<T> Store { get; } = new();

        public T Trim(T found) => trim(found);

        public void Take(JsonObject? old, JsonObject? now)
        {
            if (now is not null)
            {
                Store.Watched(trim(FakeServer.Read<T>(now)));
            }
            else
            {
                Store.WatchedDeletion(trim(FakeServer.Read<T>(old!)));
            }
        }

        public void Replace(FakeServer server) => Store.Replace([.. server.All<T>().Select(trim)], server.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
