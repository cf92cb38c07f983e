using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Operator.Telemetry;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// The calls of the Kubernetes API that this operator makes, the same for every kind. The generated clients have no one call for an apply of any
/// kind with its field manager, or for a watch that tells its bookmarks; authentication and transport are still theirs.
/// </summary>
internal sealed class KubernetesRest(IKubernetes client, OperatorMetrics metrics)
{
    /// <summary>The field manager of all that this operator applies.</summary>
    public const string FieldManager = "dylora-operator";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private readonly Kubernetes _client = (Kubernetes)client;

    public async Task<(List<T> Items, string? ResourceVersion)> ListAsync<T>(string? ns, string? labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var items = new List<T>();
        string? version = null;
        string? next = null;
        do
        {
            var query = $"?limit=500{Selector(labelSelector)}{(next is null ? "" : "&continue=" + Uri.EscapeDataString(next))}";
            using var page = JsonDocument.Parse(await SendAsync("list", HttpMethod.Get, kind, kind.CollectionPath(ns) + query, null, cancellationToken));
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                items.Add(Read<T>(kind, item));
            }

            var metadata = page.RootElement.GetProperty("metadata");
            version = metadata.TryGetProperty("resourceVersion", out var found) ? found.GetString() : null;
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() : null;
        }
        while (!string.IsNullOrEmpty(next));
        return (items, version);
    }

    /// <summary>Changes since <paramref name="resourceVersion"/>, bookmarks too, until the server ends the connection.</summary>
    /// <param name="ns">Where; all namespaces when null.</param>
    /// <param name="labelSelector">Which; all when null.</param>
    /// <param name="resourceVersion">What is known already.</param>
    /// <param name="duration">When the server is to end it.</param>
    /// <param name="opened">Called when the server has agreed to tell.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<(string Type, T Object)> WatchAsync<T>(
        string? ns, string? labelSelector, string? resourceVersion, TimeSpan duration, Action opened, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var seconds = ((int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var query = $"?watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={resourceVersion}{Selector(labelSelector)}";

        // The server ends a watch in time; a connection that went silent does not.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(duration + _timeout);
        using var request = await RequestAsync(HttpMethod.Get, kind.CollectionPath(ns) + query, null, limit.Token);
        metrics.RecordCall("watch", kind.Plural);
        using var response = await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        if (!response.IsSuccessStatusCode)
        {
            throw ErrorOf("watch", kind, response, await response.Content.ReadAsStringAsync(limit.Token));
        }

        opened();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token), Encoding.UTF8);
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            using var happened = JsonDocument.Parse(line);
            var type = happened.RootElement.GetProperty("type").GetString() ?? "";
            var about = happened.RootElement.GetProperty("object");
            if (type == "ERROR")
            {
                var code = about.TryGetProperty("code", out var number) ? number.GetInt32() : 500;
                var message = about.TryGetProperty("message", out var text) ? text.GetString() : null;
                throw new ClusterException((HttpStatusCode)code, $"watch {kind.Plural}: {message}");
            }

            yield return (type, Read<T>(kind, about));
        }
    }

    public async Task<T?> GetAsync<T>(string ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        try
        {
            return Read<T>(kind, await SendAsync("get", HttpMethod.Get, kind, kind.ObjectPath(ns, name), null, cancellationToken));
        }
        catch (ClusterException error) when (error.IsNotFound)
        {
            return null;
        }
    }

    public async Task<T> CreateAsync<T>(T wanted, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var path = $"{kind.CollectionPath(wanted.Metadata.NamespaceProperty)}?fieldManager={FieldManager}";
        return Read<T>(kind, await SendAsync("create", HttpMethod.Post, kind, path, Json(KubernetesJson.Serialize(wanted), "application/json"), cancellationToken));
    }

    /// <summary>A server-side apply of a document, of the object itself or of a subresource.</summary>
    public async Task<T> ApplyAsync<T>(string ns, string name, string? subresource, string document, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var path = $"{kind.ObjectPath(ns, name)}{(subresource is null ? "" : "/" + subresource)}?fieldManager={FieldManager}&force=true";
        var verb = subresource is null ? "apply" : $"apply_{subresource}";
        return Read<T>(kind, await SendAsync(verb, HttpMethod.Patch, kind, path, Json(document, "application/apply-patch+yaml"), cancellationToken));
    }

    public async Task<T> MergeAsync<T>(string ns, string name, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var path = $"{kind.ObjectPath(ns, name)}?fieldManager={FieldManager}";
        return Read<T>(kind, await SendAsync("patch", HttpMethod.Patch, kind, path, Json(patch.ToJsonString(), "application/merge-patch+json"), cancellationToken));
    }

    public async Task DeleteAsync<T>(string ns, string name, string uid, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = "Background",
            ["preconditions"] = new JsonObject { ["uid"] = uid },
        };
        try
        {
            await SendAsync("delete", HttpMethod.Delete, kind, kind.ObjectPath(ns, name), Json(options.ToJsonString(), "application/json"), cancellationToken);
        }
        catch (ClusterException error) when (error.IsNotFound)
        {
            // Gone is what was asked for. A conflict may mean that another has its name by now, but also that the server was busy: who asks again will see.
        }
    }

    private static string Selector(string? labelSelector) =>
        string.IsNullOrEmpty(labelSelector) ? "" : "&labelSelector=" + Uri.EscapeDataString(labelSelector);

    private static StringContent Json(string document, string mediaType) => new(document, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));

    private static T Read<T>(ResourceKind kind, string text)
    {
        using var document = JsonDocument.Parse(text);
        return Read<T>(kind, document.RootElement);
    }

    private static T Read<T>(ResourceKind kind, JsonElement element)
    {
        var found = KubernetesJson.Deserialize<T>(element);

        // The items of a list do not repeat what they are.
        if (found is IKubernetesObject named)
        {
            named.ApiVersion = kind.ApiVersion;
            named.Kind = kind.Kind;
        }

        return found;
    }

    private async Task<string> SendAsync(string verb, HttpMethod method, ResourceKind kind, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var activity = OperatorTelemetry.Source.StartActivity($"{verb} {kind.Plural}", ActivityKind.Client);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            using var request = await RequestAsync(method, path, body, limit.Token);
            metrics.RecordCall(verb, kind.Plural);
            using var response = await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            activity?.SetTag("http.response.status_code", (int)response.StatusCode);
            return response.IsSuccessStatusCode ? text : throw ErrorOf(verb, kind, response, text);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(null, $"{verb} {kind.Plural}: no answer in {_timeout.TotalSeconds:0} s.", error);
        }
        catch (HttpRequestException error)
        {
            throw new ClusterException(null, $"{verb} {kind.Plural}: {error.Message}", error);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path)) { Content = body };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        return request;
    }

    private static ClusterException ErrorOf(string verb, ResourceKind kind, HttpResponseMessage response, string body)
    {
        var message = body;
        try
        {
            message = JsonNode.Parse(body)?["message"]?.GetValue<string>() ?? body;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not every proxy on the way speaks JSON.
        }

        return new ClusterException(response.StatusCode, $"{verb} {kind.Plural}: {(int)response.StatusCode} {message}") { RetryAfter = response.Headers.RetryAfter?.Delta };
    }
}
