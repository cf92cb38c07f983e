using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>One way to call the API for every kind: the connection and credentials of a KubernetesClient, and its models.</summary>
internal sealed class ApiClient
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private const string MetadataOnlyList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private readonly Kubernetes _connection;

    public ApiClient(IKubernetes client) =>
        _connection = client as Kubernetes
            ?? throw new ArgumentException($"Expected the client to be {typeof(Kubernetes)}, found {client.GetType()}.", nameof(client));

    public Uri Server => _connection.BaseUri;

    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Get, ResourceType.Of<T>().Path(ns, name), null, null, cancellation);

    public async Task<T?> FindAsync<T>(string? ns, string name, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await GetAsync<T>(ns, name, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<PartialObject?> FindMetadataAsync(ResourceType type, string? ns, string name, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync<PartialObject>(HttpMethod.Get, type.Path(ns, name), null, MetadataOnly, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public Task<T> CreateAsync<T>(T item, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        item.ApiVersion = type.ApiVersion;
        item.Kind = type.Kind;
        return SendAsync<T>(HttpMethod.Post, type.Path(item.Metadata.NamespaceProperty), Json(item), null, cancellation);
    }

    public Task<T> UpdateAsync<T>(T item, string? subresource, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        item.ApiVersion = type.ApiVersion;
        item.Kind = type.Kind;
        return SendAsync<T>(
            HttpMethod.Put, type.Path(item.Metadata.NamespaceProperty, item.Metadata.Name, subresource), Json(item), null, cancellation);
    }

    /// <summary>A JSON merge patch (RFC 7386).</summary>
    public Task<T> MergeAsync<T>(ObjectKey key, object patch, string? subresource, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(
            HttpMethod.Patch, ResourceType.Of<T>().Path(key.Namespace, key.Name, subresource), Json(patch, "application/merge-patch+json"),
            null, cancellation);

    public Task MergeAsync(ResourceType type, ObjectKey key, object patch, CancellationToken cancellation) =>
        SendAsync<PartialObject>(
            HttpMethod.Patch, type.Path(key.Namespace, key.Name), Json(patch, "application/merge-patch+json"), null, cancellation);

    /// <summary>Deletes the object with that uid. The answer is the object while it lingers; null when it is gone or was replaced.</summary>
    public async Task<T?> DeleteAsync<T>(T item, string? propagation, long? graceSeconds, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        var answer = await DeleteAsync(type, ObjectKey.Of(item), item.Metadata.Uid, propagation, graceSeconds, cancellation);
        return answer is { ValueKind: JsonValueKind.Object } left
            && left.TryGetProperty("kind", out var kind) && kind.GetString() == type.Kind
            && left.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("deletionTimestamp", out _)
            ? KubernetesJson.Deserialize<T>(left)
            : null;
    }

    /// <summary>Deletes the object with that uid; one that is gone, or was replaced, counts as deleted.</summary>
    public async Task<JsonElement?> DeleteAsync(
        ResourceType type, ObjectKey key, string? uid, string? propagation, long? graceSeconds, CancellationToken cancellation)
    {
        var options = new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            GracePeriodSeconds = graceSeconds,
            PropagationPolicy = propagation,
            Preconditions = uid is null ? null : new V1Preconditions { Uid = uid },
        };
        try
        {
            return await SendAsync<JsonElement>(HttpMethod.Delete, type.Path(key.Namespace, key.Name), Json(options), null, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound || (e.IsConflict && uid is not null))
        {
            return null;
        }
    }

    /// <summary>Any other call, such as a subresource with a body of its own kind.</summary>
    public Task<TResult> PostAsync<TResult>(string path, object body, CancellationToken cancellation) =>
        SendAsync<TResult>(HttpMethod.Post, path, Json(body), null, cancellation);

    public Task<TResult> PutAsync<TResult>(string path, object body, CancellationToken cancellation) =>
        SendAsync<TResult>(HttpMethod.Put, path, Json(body), null, cancellation);

    public Task<JsonElement> ReadAsync(string path, CancellationToken cancellation) =>
        SendAsync<JsonElement>(HttpMethod.Get, path, null, null, cancellation);

    /// <summary>All objects of a kind and the version of the collection, to watch on from.</summary>
    public async Task<(List<T> Items, string Version)> ListAsync<T>(
        ResourceType type, string? fieldSelector, CancellationToken cancellation)
    {
        var items = new List<T>();
        var version = "";
        string? more = null;
        do
        {
            var query = "?limit=2000" + Query("fieldSelector", fieldSelector) + Query("continue", more);
            var page = await SendAsync<Page<T>>(
                HttpMethod.Get, type.Path(null) + query, null, typeof(T) == typeof(PartialObject) ? MetadataOnlyList : null, cancellation);
            items.AddRange(page.Items ?? []);
            version = page.Metadata?.ResourceVersion ?? version;
            more = page.Metadata?.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(more));

        return (items, version);
    }

    /// <summary>Events after a version, until the server ends the stream. An error event ends it with an <see cref="ApiException"/>.</summary>
    public async IAsyncEnumerable<(string Type, T Item)> WatchAsync<T>(
        ResourceType type, string? fieldSelector, string version, TimeSpan limit, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var path = type.Path(null) + $"?watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)limit.TotalSeconds}"
            + Query("resourceVersion", version) + Query("fieldSelector", fieldSelector);
        using var request = Request(HttpMethod.Get, path, null, typeof(T) == typeof(PartialObject) ? MetadataOnly : null);
        await _connection.Credentials.IfAny(request, cancellation);
        using var response = await _connection.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        await ThrowOnErrorAsync(response, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            using var document = JsonDocument.Parse(line);
            var kind = document.RootElement.GetProperty("type").GetString()!;
            var item = document.RootElement.GetProperty("object");
            if (kind == "ERROR")
            {
                throw ErrorOf((System.Net.HttpStatusCode)(item.TryGetProperty("code", out var code) ? code.GetInt32() : 500), item);
            }

            yield return (kind, KubernetesJson.Deserialize<T>(item)!);
        }
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, string? accept, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(CallLimit);
        using var request = Request(method, path, body, accept);
        await _connection.Credentials.IfAny(request, limit.Token);
        using var response = await _connection.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        await ThrowOnErrorAsync(response, limit.Token);
        await using var content = await response.Content.ReadAsStreamAsync(limit.Token);
        if (typeof(T) == typeof(JsonElement))
        {
            using var document = await JsonDocument.ParseAsync(content, cancellationToken: limit.Token);
            return (T)(object)document.RootElement.Clone();
        }

        return await JsonSerializer.DeserializeAsync<T>(content, KubernetesOptions.Value, limit.Token)
            ?? throw new JsonException($"{method} {path}: expected an object, found null.");
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? body, string? accept)
    {
        var request = new HttpRequestMessage(method, new Uri(_connection.BaseUri, path))
        {
            Content = body,
            Version = _connection.HttpClient.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept is null ? "application/json" : accept + ",application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("dylora-sandbox-controllers", "1"));
        return request;
    }

    private static async Task ThrowOnErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            using var document = JsonDocument.Parse(text);
            throw ErrorOf(response.StatusCode, document.RootElement);
        }
        catch (JsonException)
        {
            throw new ApiException(response.StatusCode, response.ReasonPhrase ?? "", text);
        }
    }

    private static ApiException ErrorOf(System.Net.HttpStatusCode code, JsonElement status) => new(
        code,
        status.ValueKind == JsonValueKind.Object && status.TryGetProperty("reason", out var reason) ? reason.GetString() ?? "" : "",
        status.ValueKind == JsonValueKind.Object && status.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "");

    private static StringContent Json(object value, string media = "application/json")
    {
        var content = new StringContent(KubernetesJson.Serialize(value), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(media);
        return content;
    }

    private static string Query(string name, string? value) =>
        string.IsNullOrEmpty(value) ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private sealed class Page<T>
    {
        public V1ListMeta? Metadata { get; set; }

        public List<T>? Items { get; set; }
    }
}
