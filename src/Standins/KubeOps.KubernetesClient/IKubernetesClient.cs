using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.KubernetesClient.Selectors;

namespace KubeOps.KubernetesClient;

/// <summary>
/// Reads, writes and watches objects of any kind whose class has a <see cref="KubernetesEntityAttribute"/>. A call
/// that fails throws the API server's answer, except that what is not found is null and what is gone is deleted.
/// </summary>
public interface IKubernetesClient : IDisposable
{
    /// <summary>The client beneath, for everything else.</summary>
    IKubernetes ApiClient { get; }

    /// <summary>The address of the API server.</summary>
    Uri BaseUri { get; }

    /// <summary>
    /// The namespace of the configuration, else of the environment variable, else of the pod's service account, else
    /// default.
    /// </summary>
    /// <param name="downwardApiEnvName">The environment variable.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The namespace.</returns>
    Task<string> GetCurrentNamespaceAsync(
        string downwardApiEnvName = "POD_NAMESPACE",
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetCurrentNamespaceAsync"/>
    string GetCurrentNamespace(string downwardApiEnvName = "POD_NAMESPACE");

    /// <summary>Reads an object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="namespace">Its namespace; null for objects of the cluster.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object; null if there is none.</returns>
    Task<TEntity?> GetAsync<TEntity>(
        string name,
        string? @namespace = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="GetAsync{TEntity}"/>
    TEntity? Get<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects of a kind.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="labelSelector">A condition on labels.</param>
    /// <param name="fieldSelector">A condition on fields.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The objects.</returns>
    Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects of a kind.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="selectors">Conditions.</param>
    /// <returns>The objects.</returns>
    Task<IList<TEntity>> ListAsync<TEntity>(string? @namespace = null, params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (labels, fields) = selectors.Split();
        return ListAsync<TEntity>(@namespace, labels, fields, CancellationToken.None);
    }

    /// <inheritdoc cref="ListAsync{TEntity}(string?, string?, string?, CancellationToken)"/>
    IList<TEntity> List<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="ListAsync{TEntity}(string?, KubernetesSelector[])"/>
    IList<TEntity> List<TEntity>(string? @namespace = null, params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (labels, fields) = selectors.Split();
        return List<TEntity>(@namespace, labels, fields);
    }

    /// <summary>Replaces an object, whatever its version, or creates it.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object as it is stored.</returns>
    async Task<TEntity> SaveAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var stored = await GetAsync<TEntity>(entity.Name(), entity.Namespace(), cancellationToken);
        return stored is null
            ? await CreateAsync(entity, cancellationToken)
            : await UpdateAsync(entity.WithResourceVersion(stored), cancellationToken);
    }

    /// <summary>Replaces or creates objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The objects as they are stored.</returns>
    async Task<IEnumerable<TEntity>> SaveAsync<TEntity>(
        IEnumerable<TEntity> entities,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => SaveAsync(entity, cancellationToken)));

    /// <summary>Replaces or creates objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <returns>The objects as they are stored.</returns>
    Task<IEnumerable<TEntity>> SaveAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        SaveAsync(entities, CancellationToken.None);

    /// <inheritdoc cref="SaveAsync{TEntity}(TEntity, CancellationToken)"/>
    TEntity Save<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var stored = Get<TEntity>(entity.Name(), entity.Namespace());
        return stored is null ? Create(entity) : Update(entity.WithResourceVersion(stored));
    }

    /// <summary>Replaces or creates objects, each when it is enumerated.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <returns>The objects as they are stored.</returns>
    IEnumerable<TEntity> Save<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        entities.Select(Save);

    /// <inheritdoc cref="Save{TEntity}(IEnumerable{TEntity})"/>
    IEnumerable<TEntity> Save<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        entities.Select(Save);

    /// <summary>Creates an object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object as it is stored.</returns>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The objects as they are stored.</returns>
    async Task<IEnumerable<TEntity>> CreateAsync<TEntity>(
        IEnumerable<TEntity> entities,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => CreateAsync(entity, cancellationToken)));

    /// <summary>Creates objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <returns>The objects as they are stored.</returns>
    Task<IEnumerable<TEntity>> CreateAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        CreateAsync(entities, CancellationToken.None);

    /// <inheritdoc cref="CreateAsync{TEntity}(TEntity, CancellationToken)"/>
    TEntity Create<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        CreateAsync(entity).GetAwaiter().GetResult();

    /// <summary>Creates objects, each when it is enumerated.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <returns>The objects as they are stored.</returns>
    IEnumerable<TEntity> Create<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        entities.Select(Create);

    /// <inheritdoc cref="Create{TEntity}(IEnumerable{TEntity})"/>
    IEnumerable<TEntity> Create<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        entities.Select(Create);

    /// <summary>Replaces an object if it still has the version that the object names.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object as it is stored.</returns>
    Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The objects as they are stored.</returns>
    async Task<IEnumerable<TEntity>> UpdateAsync<TEntity>(
        IEnumerable<TEntity> entities,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => UpdateAsync(entity, cancellationToken)));

    /// <summary>Replaces objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <returns>The objects as they are stored.</returns>
    Task<IEnumerable<TEntity>> UpdateAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        UpdateAsync(entities, CancellationToken.None);

    /// <inheritdoc cref="UpdateAsync{TEntity}(TEntity, CancellationToken)"/>
    TEntity Update<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        UpdateAsync(entity).GetAwaiter().GetResult();

    /// <summary>Replaces objects, each when it is enumerated.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">The objects.</param>
    /// <returns>The objects as they are stored.</returns>
    IEnumerable<TEntity> Update<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        entities.Select(Update);

    /// <inheritdoc cref="Update{TEntity}(IEnumerable{TEntity})"/>
    IEnumerable<TEntity> Update<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        entities.Select(Update);

    /// <summary>Replaces an object's status if the object still has the version that it names.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object as it is stored.</returns>
    Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="UpdateStatusAsync{TEntity}"/>
    TEntity UpdateStatus<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Patches an object. The patch may be a JSON patch, a merge patch or a server-side apply.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">Names the object.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="fieldManager">Who owns the fields that are set.</param>
    /// <param name="force">Whether an apply takes fields from other owners.</param>
    /// <param name="dryRun">All to change nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object as it is stored.</returns>
    Task<TEntity> PatchAsync<TEntity>(
        TEntity entity,
        V1Patch patch,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(patch, entity.Name(), entity.Namespace(), fieldManager, force, dryRun, cancellationToken);

    /// <summary>Patches an object. The patch may be a JSON patch, a merge patch or a server-side apply.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="patch">The patch.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="namespace">Its namespace; null for objects of the cluster.</param>
    /// <param name="fieldManager">Who owns the fields that are set.</param>
    /// <param name="force">Whether an apply takes fields from other owners.</param>
    /// <param name="dryRun">All to change nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The object as it is stored.</returns>
    Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="PatchAsync{TEntity}(TEntity, V1Patch, string?, bool?, string?, CancellationToken)"/>
    TEntity Patch<TEntity>(
        TEntity entity,
        V1Patch patch,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync(entity, patch, fieldManager, force, dryRun).GetAwaiter().GetResult();

    /// <inheritdoc cref="PatchAsync{TEntity}(V1Patch, string, string?, string?, bool?, string?, CancellationToken)"/>
    TEntity Patch<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(patch, name, @namespace, fieldManager, force, dryRun).GetAwaiter().GetResult();

    /// <summary>Deletes an object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">Names the object.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the API server answered.</returns>
    Task DeleteAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync<TEntity>(entity.Name(), entity.Namespace(), cancellationToken);

    /// <summary>Deletes objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">Name the objects.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the API server answered.</returns>
    Task DeleteAsync<TEntity>(IEnumerable<TEntity> entities, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Task.WhenAll(entities.Select(entity => DeleteAsync(entity, cancellationToken)));

    /// <summary>Deletes objects, all at once.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">Name the objects.</param>
    /// <returns>A task that ends when the API server answered.</returns>
    Task DeleteAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync(entities, CancellationToken.None);

    /// <summary>Deletes an object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="namespace">Its namespace; null for objects of the cluster.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the API server answered.</returns>
    Task DeleteAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="DeleteAsync{TEntity}(TEntity, CancellationToken)"/>
    void Delete<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Delete<TEntity>(entity.Name(), entity.Namespace());

    /// <summary>Deletes objects, one after the other.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entities">Name the objects.</param>
    void Delete<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        foreach (var entity in entities)
        {
            Delete(entity);
        }
    }

    /// <inheritdoc cref="Delete{TEntity}(IEnumerable{TEntity})"/>
    void Delete<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Delete(entities.AsEnumerable());

    /// <inheritdoc cref="DeleteAsync{TEntity}(string, string?, CancellationToken)"/>
    void Delete<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync<TEntity>(name, @namespace).GetAwaiter().GetResult();

    /// <summary>Follows changes by callbacks.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="onEvent">Takes each change.</param>
    /// <param name="onError">Takes each error.</param>
    /// <param name="onClose">Told when the API server ends the watch.</param>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="timeout">When the API server is to end the watch.</param>
    /// <param name="allowWatchBookmarks">Whether the API server may send bare versions.</param>
    /// <param name="resourceVersion">The version after which to start; null for all that exists.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <param name="selectors">Conditions.</param>
    /// <returns>The watch; disposing of it ends it.</returns>
    Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        CancellationToken cancellationToken = default,
        params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (labels, fields) = selectors.Split();
        return Watch(
            onEvent,
            onError,
            onClose,
            @namespace,
            timeout,
            allowWatchBookmarks,
            resourceVersion,
            labels,
            fields,
            cancellationToken);
    }

    /// <summary>Follows changes by callbacks.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="onEvent">Takes each change.</param>
    /// <param name="onError">Takes each error.</param>
    /// <param name="onClose">Told when the API server ends the watch.</param>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="timeout">When the API server is to end the watch.</param>
    /// <param name="allowWatchBookmarks">Whether the API server may send bare versions.</param>
    /// <param name="resourceVersion">The version after which to start; null for all that exists.</param>
    /// <param name="labelSelector">A condition on labels.</param>
    /// <param name="fieldSelector">A condition on fields.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The watch; disposing of it ends it.</returns>
    Watcher<TEntity> Watch<TEntity>(
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
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Follows changes. An error, also one that the API server sends as an event, is thrown.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="resourceVersion">The version after which to start; null for all that exists.</param>
    /// <param name="labelSelector">A condition on labels.</param>
    /// <param name="fieldSelector">A condition on fields.</param>
    /// <param name="allowWatchBookmarks">Whether the API server may send bare versions.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The changes, until the API server ends the watch.</returns>
    IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        string? @namespace = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        bool? allowWatchBookmarks = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
