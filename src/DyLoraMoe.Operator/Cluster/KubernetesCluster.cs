using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>The cluster behind the API server: reads from caches, writes through.</summary>
internal sealed partial class KubernetesCluster : ICluster, IObjectStores
{
    private const string Component = "dylora-operator";

    private readonly KubernetesRest _rest;
    private readonly TimeProvider _clock;
    private readonly ILogger<KubernetesCluster> _logger;
    private readonly Dictionary<Type, object> _stores = [];
    private readonly Dictionary<Type, Delegate> _trims = [];
    private readonly List<IReflector> _reflectors = [];

    public KubernetesCluster(KubernetesRest rest, OperatorOptions options, TimeProvider clock, Random random, ILogger<KubernetesCluster> logger)
    {
        (_rest, _clock, _logger) = (rest, clock, logger);
        const string ours = $"{Api.Labels.ManagedBy}={Api.FieldManagers.Operator}";
        Keep<Backbone>();
        Keep<Skill>(null, Trimming.Skill);
        Keep<LoraExpert>();
        Keep<Consolidation>();
        Keep<Growth>();
        Keep<V1ConfigMap>(null, Trimming.ConfigMap);
        Keep<V1PersistentVolumeClaim>(null, Trimming.Claim);
        Keep<V1Job>(ours, Trimming.Job);
        Keep<V1Pod>(ours, Trimming.Pod);
        Keep<V1Deployment>(ours);
        Keep<V1Service>(ours);
        Keep<V1ServiceAccount>(ours);
        Keep<V1Role>(ours);
        Keep<V1RoleBinding>(ours);
        Keep<V1PodDisruptionBudget>(ours);
        Keep<V2HorizontalPodAutoscaler>(ours);

        void Keep<T>(string? selector = null, Func<T, T>? trim = null)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            var store = new ObjectStore<T>();
            trim ??= static found => found;
            _stores[typeof(T)] = store;
            _trims[typeof(T)] = trim;
            _reflectors.Add(new Reflector<T>(rest, store, options.Namespace, selector, trim, random, clock, logger));
        }
    }

    /// <summary>What keeps the caches.</summary>
    public IReadOnlyList<IReflector> Reflectors => _reflectors;

    /// <summary>Whether all caches have been filled once.</summary>
    public bool HasSynced => _reflectors.TrueForAll(reflector => reflector.HasSynced);

    /// <inheritdoc/>
    public bool IsCurrent => _reflectors.TrueForAll(reflector => reflector.IsCurrent);

    /// <inheritdoc/>
    public ObjectStore<T> Store<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => (ObjectStore<T>)_stores[typeof(T)];

    /// <inheritdoc/>
    public T? Find<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().Find(ns, name);

    /// <inheritdoc/>
    public IReadOnlyList<T> List<T>(string ns, string label, string value)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        [.. Store<T>().List(ns).Where(found => found.Metadata.Labels is { } labels && labels.TryGetValue(label, out var has) && has == value)];

    /// <inheritdoc/>
    public IReadOnlyList<T> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().List(ns);

    /// <inheritdoc/>
    public IReadOnlyList<T> ListOwned<T>(IKubernetesObject<V1ObjectMeta> owner)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().OwnedBy(owner.Metadata.Uid);

    /// <inheritdoc/>
    public IEnumerable<T> ListAll<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => Store<T>().All();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => (await _rest.ListAsync<T>(ns, labelSelector, cancellationToken)).Items;

    /// <inheritdoc/>
    public Task<T?> ReadOneAsync<T>(string ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => _rest.GetAsync<T>(ns, name, cancellationToken);

    /// <inheritdoc/>
    public void Observe<T>(T found)
        where T : class, IKubernetesObject<V1ObjectMeta> => Took(found);

    /// <inheritdoc/>
    public async Task<T> GetOrCreateAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return Took(await _rest.CreateAsync(wanted, cancellationToken));
        }
        catch (ClusterException error) when (error.IsConflict)
        {
            if (await _rest.GetAsync<T>(wanted.Metadata.NamespaceProperty, wanted.Metadata.Name, cancellationToken) is { } found)
            {
                return Took(found);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<T> ApplyAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Took(await _rest.ApplyAsync<T>(wanted.Metadata.NamespaceProperty, wanted.Metadata.Name, null, KubernetesJson.Serialize(wanted), cancellationToken));

    /// <inheritdoc/>
    public async Task<T> ApplyStatusAsync<T>(T seen, JsonNode status, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var document = new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = seen.Metadata.Name,
                ["namespace"] = seen.Metadata.NamespaceProperty,
                ["uid"] = seen.Metadata.Uid,
                ["resourceVersion"] = seen.Metadata.ResourceVersion,
            },
            ["status"] = status.DeepClone(),
        };
        return Took(await _rest.ApplyAsync<T>(seen.Metadata.NamespaceProperty, seen.Metadata.Name, "status", document.ToJsonString(), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<T> MergeAsync<T>(T seen, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Took(await _rest.MergeAsync<T>(seen.Metadata.NamespaceProperty, seen.Metadata.Name, null, patch, cancellationToken));

    /// <inheritdoc/>
    public async Task<T> MergeStatusAsync<T>(T seen, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Took(await _rest.MergeAsync<T>(seen.Metadata.NamespaceProperty, seen.Metadata.Name, "status", patch, cancellationToken));

    /// <inheritdoc/>
    public Task DeleteAsync<T>(T seen, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        _rest.DeleteAsync<T>(seen.Metadata.NamespaceProperty, seen.Metadata.Name, seen.Metadata.Uid, cancellationToken);

    /// <inheritdoc/>
    public async Task RecordAsync(ObservedEvent happened, CancellationToken cancellationToken)
    {
        var about = happened.About;
        var now = _clock.GetUtcNow().UtcDateTime;
        try
        {
            await _rest.CreateAsync(
                new Corev1Event
                {
                    ApiVersion = "v1",
                    Kind = "Event",
                    Metadata = new()
                    {
                        Name = $"{about.Metadata.Name}.{now.Ticks.ToString("x", CultureInfo.InvariantCulture)}{Hash.Of(happened.Reason, happened.Message)[..6]}",
                        NamespaceProperty = about.Metadata.NamespaceProperty,
                    },
                    InvolvedObject = new()
                    {
                        ApiVersion = about.ApiVersion,
                        Kind = about.Kind,
                        Name = about.Metadata.Name,
                        NamespaceProperty = about.Metadata.NamespaceProperty,
                        Uid = about.Metadata.Uid,
                    },
                    Type = happened.IsWarning ? "Warning" : "Normal",
                    Reason = happened.Reason,
                    Message = happened.Message,
                    FirstTimestamp = now,
                    LastTimestamp = now,
                    Count = 1,
                    Source = new() { Component = Component },
                    ReportingComponent = Component,
                },
                cancellationToken);
        }
        catch (ClusterException error)
        {
            // Events are for people; the conditions say the same.
            NotRecorded(_logger, error.Message);
        }
    }

    // The cache keeps what a watch would give it, so an answer is cut down alike.
    private T Took<T>(T answer)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kept = ((Func<T, T>)_trims[typeof(T)])(answer);
        Store<T>().Wrote(kept);
        return kept;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event was not recorded: {Error}")]
    private static partial void NotRecorded(ILogger logger, string error);
}
