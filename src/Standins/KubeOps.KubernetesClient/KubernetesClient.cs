using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Transpiler;

namespace KubeOps.KubernetesClient;

/// <inheritdoc cref="IKubernetesClient"/>
public class KubernetesClient : IKubernetesClient
{
    private const string ServiceAccountNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
    private const string FallbackNamespace = "default";

    private static readonly ConcurrentDictionary<Type, Resource> Resources = new();

    private readonly KubernetesClientConfiguration _configuration;
    private readonly IKubernetes _client;
    private bool _disposed;

    /// <summary>A client by the default configuration: kubeconfig, else the pod's service account.</summary>
    public KubernetesClient()
        : this(KubernetesClientConfiguration.BuildDefaultConfig())
    {
    }

    /// <summary>A client by a configuration.</summary>
    /// <param name="clientConfig">The configuration.</param>
    public KubernetesClient(KubernetesClientConfiguration clientConfig)
        : this(clientConfig, new Kubernetes(clientConfig))
    {
    }

    /// <summary>A client over another, which is disposed of together with this one.</summary>
    /// <param name="clientConfig">The configuration, asked for the namespace.</param>
    /// <param name="client">The client beneath.</param>
    public KubernetesClient(KubernetesClientConfiguration clientConfig, IKubernetes client) =>
        (_configuration, _client) = (clientConfig, client);

    /// <inheritdoc/>
    public IKubernetes ApiClient => _client;

    /// <inheritdoc/>
    public Uri BaseUri => _client.BaseUri;

    /// <summary>Forgets how kinds are named.</summary>
    public static void ClearMetadataCache() => Resources.Clear();

    /// <inheritdoc/>
    public async Task<string> GetCurrentNamespaceAsync(
        string downwardApiEnvName = "POD_NAMESPACE",
        CancellationToken cancellationToken = default)
    {
        if (ConfiguredNamespace(downwardApiEnvName) is { } configured)
        {
            return configured;
        }

        return File.Exists(ServiceAccountNamespace)
            ? (await File.ReadAllTextAsync(ServiceAccountNamespace, cancellationToken)).Trim()
            : FallbackNamespace;
    }

    /// <inheritdoc/>
    public string GetCurrentNamespace(string downwardApiEnvName = "POD_NAMESPACE")
    {
        if (ConfiguredNamespace(downwardApiEnvName) is { } configured)
        {
            return configured;
        }

        return File.Exists(ServiceAccountNamespace)
            ? File.ReadAllText(ServiceAccountNamespace).Trim()
            : FallbackNamespace;
    }

    /// <inheritdoc/>
    public async Task<TEntity?> GetAsync<TEntity>(
        string name,
        string? @namespace = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        try
        {
            return string.IsNullOrWhiteSpace(@namespace)
                ? await objects.GetClusterCustomObjectAsync<TEntity>(
                    resource.Group, resource.Version, resource.Plural, name, cancellationToken)
                : await objects.GetNamespacedCustomObjectAsync<TEntity>(
                    resource.Group, resource.Version, @namespace, resource.Plural, name, cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return default;
        }
    }

    /// <inheritdoc/>
    public TEntity? Get<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        GetAsync<TEntity>(name, @namespace).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        var list = @namespace is null
            ? await objects.ListClusterCustomObjectAsync<EntityList<TEntity>>(
                resource.Group,
                resource.Version,
                resource.Plural,
                fieldSelector: fieldSelector,
                labelSelector: labelSelector,
                cancellationToken: cancellationToken)
            : await objects.ListNamespacedCustomObjectAsync<EntityList<TEntity>>(
                resource.Group,
                resource.Version,
                @namespace,
                resource.Plural,
                fieldSelector: fieldSelector,
                labelSelector: labelSelector,
                cancellationToken: cancellationToken);
        return list.Items;
    }

    /// <inheritdoc/>
    public IList<TEntity> List<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ListAsync<TEntity>(@namespace, labelSelector, fieldSelector, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        return entity.Namespace() is { } @namespace
            ? await objects.CreateNamespacedCustomObjectAsync<TEntity>(
                entity,
                resource.Group,
                resource.Version,
                @namespace,
                resource.Plural,
                cancellationToken: cancellationToken)
            : await objects.CreateClusterCustomObjectAsync<TEntity>(
                entity, resource.Group, resource.Version, resource.Plural, cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        return entity.Namespace() is { } @namespace
            ? await objects.ReplaceNamespacedCustomObjectAsync<TEntity>(
                entity,
                resource.Group,
                resource.Version,
                @namespace,
                resource.Plural,
                entity.Name(),
                cancellationToken: cancellationToken)
            : await objects.ReplaceClusterCustomObjectAsync<TEntity>(
                entity,
                resource.Group,
                resource.Version,
                resource.Plural,
                entity.Name(),
                cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        return entity.Namespace() is { } @namespace
            ? objects.ReplaceNamespacedCustomObjectStatusAsync<TEntity>(
                entity,
                resource.Group,
                resource.Version,
                @namespace,
                resource.Plural,
                entity.Name(),
                cancellationToken: cancellationToken)
            : objects.ReplaceClusterCustomObjectStatusAsync<TEntity>(
                entity,
                resource.Group,
                resource.Version,
                resource.Plural,
                entity.Name(),
                cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public TEntity UpdateStatus<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        UpdateStatusAsync(entity).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        return @namespace is null
            ? await objects.PatchClusterCustomObjectAsync<TEntity>(
                patch,
                resource.Group,
                resource.Version,
                resource.Plural,
                name,
                dryRun: dryRun,
                fieldManager: fieldManager,
                force: force,
                cancellationToken: cancellationToken)
            : await objects.PatchNamespacedCustomObjectAsync<TEntity>(
                patch,
                resource.Group,
                resource.Version,
                @namespace,
                resource.Plural,
                name,
                dryRun: dryRun,
                fieldManager: fieldManager,
                force: force,
                cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync<TEntity>(
        string name,
        string? @namespace = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (objects, resource) = Objects<TEntity>();
        try
        {
            await (@namespace is null
                ? objects.DeleteClusterCustomObjectAsync(
                    resource.Group,
                    resource.Version,
                    resource.Plural,
                    name,
                    cancellationToken: cancellationToken)
                : objects.DeleteNamespacedCustomObjectAsync(
                    resource.Group,
                    resource.Version,
                    @namespace,
                    resource.Plural,
                    name,
                    cancellationToken: cancellationToken));
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // Gone is what was asked for.
        }
    }

    /// <inheritdoc/>
    public Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
#pragma warning disable CS0618 // The task of a response is what this overload of upstream's needs.
        OpenWatch<TEntity>(
            @namespace,
            timeout,
            allowWatchBookmarks,
            resourceVersion,
            labelSelector,
            fieldSelector,
            cancellationToken).Watch(onEvent, onError, onClose);
#pragma warning restore CS0618

    /// <inheritdoc/>
    public async IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        string? @namespace = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        bool? allowWatchBookmarks = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var response = OpenWatch<TEntity>(
            @namespace,
            timeout: null,
            allowWatchBookmarks,
            resourceVersion,
            labelSelector,
            fieldSelector,
            cancellationToken);
#pragma warning disable CS0618 // As above.
        var events = response.WatchAsync<TEntity, object>(onError: error => throw error, cancellationToken);
#pragma warning restore CS0618
        await foreach (var (type, entity) in events)
        {
            if (entity is not null)
            {
                yield return (type, entity);
            }
        }
    }

    /// <summary>Disposes of the client beneath as well; calls fail from then on.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes of the client beneath.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> asks.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _client.Dispose();
        }
    }

    private string? ConfiguredNamespace(string variable)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _configuration.Namespace ?? Environment.GetEnvironmentVariable(variable);
    }

    private Task<HttpOperationResponse<object>> OpenWatch<TEntity>(
        string? @namespace,
        TimeSpan? timeout,
        bool? allowWatchBookmarks,
        string? resourceVersion,
        string? labelSelector,
        string? fieldSelector,
        CancellationToken cancellationToken)
    {
        var (objects, resource) = Objects<TEntity>();
        var seconds = (int?)timeout?.TotalSeconds;
        return @namespace is null
            ? objects.ListClusterCustomObjectWithHttpMessagesAsync(
                resource.Group,
                resource.Version,
                resource.Plural,
                allowWatchBookmarks: allowWatchBookmarks,
                fieldSelector: fieldSelector,
                labelSelector: labelSelector,
                resourceVersion: resourceVersion,
                timeoutSeconds: seconds,
                watch: true,
                cancellationToken: cancellationToken)
            : objects.ListNamespacedCustomObjectWithHttpMessagesAsync(
                resource.Group,
                resource.Version,
                @namespace,
                resource.Plural,
                allowWatchBookmarks: allowWatchBookmarks,
                fieldSelector: fieldSelector,
                labelSelector: labelSelector,
                resourceVersion: resourceVersion,
                timeoutSeconds: seconds,
                watch: true,
                cancellationToken: cancellationToken);
    }

    private (ICustomObjectsOperations Objects, Resource Resource) Objects<TEntity>()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (_client.CustomObjects, Resources.GetOrAdd(typeof(TEntity), Resource.Of));
    }

    private sealed record Resource(string Group, string Version, string Plural)
    {
        public static Resource Of(Type type)
        {
            var metadata = Entities.ToEntityMetadata(type).Metadata;
            return new Resource(metadata.Group ?? string.Empty, metadata.Version, metadata.PluralName);
        }
    }
}
