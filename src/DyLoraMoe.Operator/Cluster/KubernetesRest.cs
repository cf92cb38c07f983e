using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Telemetry;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// The calls of the Kubernetes API that this operator makes, the same for every kind. The generated clients have no one call for an apply of any
/// kind with its field manager, or for a watch that tells its bookmarks; authentication and transport are still theirs.
/// </summary>
internal sealed partial class KubernetesRest(IKubernetes client, OperatorMetrics metrics, ILogger<KubernetesRest> logger)
{
    /// <summary>The field manager of all that this operator applies.</summary>
    public const string FieldManager = "dylora-operator";

    // Objects of a page are in memory whole, and a ConfigMap of anybody may have a megabyte.
    private const int Page = 500;
    private const int ConfigMapPage = 25;

    // No object is near it: etcd takes a megabyte and a half.
    private const int LongestEvent = 32 << 20;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private readonly Kubernetes _client = (Kubernetes)client;

    /// <summary>Everything there is of a kind that can be read, and the version it is of.</summary>
    /// <param name="ns">Where; all namespaces when null.</param>
    /// <param name="labelSelector">Which; all when null.</param>
    /// <param name="cancellationToken">Stops the calls.</param>
    /// <param name="trim">Cuts an object down before the next page is read; none when null.</param>
    public async Task<(List<T> Items, string? ResourceVersion)> ListAsync<T>(string? ns, string? labelSelector, CancellationToken cancellationToken, Func<T, T>? trim = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var limit = typeof(T) == typeof(V1ConfigMap) ? ConfigMapPage : Page;
        var items = new List<T>();
        string? version = null;
        string? next = null;
        do
        {
            var query = $"?limit={limit}{Selector(labelSelector)}{(next is null ? "" : "&continue=" + Uri.EscapeDataString(next))}";
            using var page = await SendAsync("list", HttpMethod.Get, kind, kind.CollectionPath(ns) + query, null, cancellationToken);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                if (TryRead<T>(kind, item) is { } read)
                {
                    items.Add(trim is null ? read : trim(read));
                }
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
        await foreach (var happened in LinesAsync(await response.Content.ReadAsStreamAsync(limit.Token), limit.Token))
        {
            using var _ = happened;
            var type = happened.RootElement.GetProperty("type").GetString() ?? "";
            var about = happened.RootElement.GetProperty("object");
            if (type == "ERROR")
            {
                var code = about.TryGetProperty("code", out var number) ? number.GetInt32() : 500;
                var message = about.TryGetProperty("message", out var text) ? text.GetString() : null;
                throw new ClusterException((HttpStatusCode)code, $"watch {kind.Plural}: {message}");
            }

            // That it is gone is to be known whatever it was.
            if ((TryRead<T>(kind, about) ?? (type == "DELETED" ? TryRead<T>(kind, NameOf(about)) : null)) is { } found)
            {
                yield return (type, found);
            }
        }
    }

    public async Task<T?> GetAsync<T>(string ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        try
        {
            return await SendAsync<T>("get", HttpMethod.Get, kind, kind.ObjectPath(ns, name), null, cancellationToken);
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
        return await SendAsync<T>("create", HttpMethod.Post, kind, path, new StreamedJson<T>(wanted), cancellationToken);
    }

    /// <summary>A server-side apply of a document, of the object itself or of a subresource.</summary>
    public async Task<T> ApplyAsync<T>(string ns, string name, string? subresource, string document, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var path = $"{kind.ObjectPath(ns, name)}{(subresource is null ? "" : "/" + subresource)}?fieldManager={FieldManager}&force=true";
        var verb = subresource is null ? "apply" : $"apply_{subresource}";
        return await SendAsync<T>(verb, HttpMethod.Patch, kind, path, Json(document, "application/apply-patch+yaml"), cancellationToken);
    }

    /// <summary>A JSON merge patch, of the object itself or of a subresource.</summary>
    public async Task<T> MergeAsync<T>(string ns, string name, string? subresource, JsonObject patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var path = $"{kind.ObjectPath(ns, name)}{(subresource is null ? "" : "/" + subresource)}?fieldManager={FieldManager}";
        return await SendAsync<T>("patch", HttpMethod.Patch, kind, path, Json(patch.ToJsonString(), "application/merge-patch+json"), cancellationToken);
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
            using var _ = await SendAsync("delete", HttpMethod.Delete, kind, kind.ObjectPath(ns, name), Json(options.ToJsonString(), "application/json"), cancellationToken);
        }
        catch (ClusterException error) when (error.IsNotFound)
        {
            // Gone is what was asked for. A conflict may mean that another has its name by now, but also that the server was busy: who asks again will see.
        }
    }

    private static string Selector(string? labelSelector) =>
        string.IsNullOrEmpty(labelSelector) ? "" : "&labelSelector=" + Uri.EscapeDataString(labelSelector);

    private static StringContent Json(string document, string mediaType) => new(document, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));

    // One JSON document a line. Never as a string: requests over a thousand skills are megabytes.
    private static async IAsyncEnumerable<JsonDocument> LinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    if (!line.IsEmpty)
                    {
                        yield return JsonDocument.Parse(line);
                    }
                }

                if (read.IsCompleted)
                {
                    yield break;
                }

                if (rest.Length > LongestEvent)
                {
                    throw new InvalidDataException($"An event of a watch is longer than {LongestEvent} bytes.");
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static T Read<T>(ResourceKind kind, JsonElement element)
    {
        // A request is for its job: here nobody reads it back.
        var found = typeof(T) == typeof(V1ConfigMap) && IsRequest(element)
            ? (T)(object)new V1ConfigMap { Metadata = KubernetesJson.Deserialize<V1ObjectMeta>(element.GetProperty("metadata")) }
            : KubernetesJson.Deserialize<T>(element);

        // The items of a list do not repeat what they are.
        if (found is IKubernetesObject named)
        {
            named.ApiVersion = kind.ApiVersion;
            named.Kind = kind.Kind;
        }

        return found;
    }

    // One object that is not as its schema says must not keep all others from being known.
    private T? TryRead<T>(ResourceKind kind, JsonElement element)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return Read<T>(kind, element);
        }
        catch (Exception error)
        {
            metrics.RecordUnreadable(kind.Plural);
            var metadata = element.TryGetProperty("metadata", out var found) ? found : default;
            NotRead(logger, Word(metadata, "namespace"), Word(metadata, "name"), kind.Plural, error.Message);
            return null;
        }
    }

    private static JsonElement NameOf(JsonElement element) => JsonSerializer.SerializeToElement(new JsonObject { ["metadata"] = JsonObject.Create(element.GetProperty("metadata")) });

    private static string Word(JsonElement metadata, string name) => metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(name, out var word) ? word.ToString() : "";

    // Never whole in memory: requests over a thousand skills are megabytes.
    private sealed class StreamedJson<T> : HttpContent
    {
        public StreamedJson(T value) => (Value, Headers.ContentType) = (value, new MediaTypeHeaderValue("application/json"));

        public T Value { get; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            JsonSerializer.SerializeAsync(stream, Value, ApiJson.Options, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static bool IsRequest(JsonElement map) =>
        map.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("labels", out var labels) && labels.TryGetProperty(Labels.JobKind, out _);

    private async Task<T> SendAsync<T>(string verb, HttpMethod method, ResourceKind kind, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(verb, method, kind, path, body, cancellationToken);
        return Read<T>(kind, answer.RootElement);
    }

    private async Task<JsonDocument> SendAsync(string verb, HttpMethod method, ResourceKind kind, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var activity = OperatorTelemetry.Source.StartActivity($"{verb} {kind.Plural}", ActivityKind.Client);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            using var request = await RequestAsync(method, path, body, limit.Token);
            metrics.RecordCall(verb, kind.Plural);
            using var response = await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            activity?.SetTag("http.response.status_code", (int)response.StatusCode);
            if (!response.IsSuccessStatusCode)
            {
                throw ErrorOf(verb, kind, response, await response.Content.ReadAsStringAsync(limit.Token));
            }

            return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(limit.Token), default, limit.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(null, $"{verb} {kind.Plural}: no answer in {_timeout.TotalSeconds:0} s.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw new ClusterException(null, $"{verb} {kind.Plural}: {error.Message}", error);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path)) { Content = body };
        if (body is StreamedJson<V1ConfigMap> { Value: { } map } && map.Tag(Labels.JobKind) is not null)
        {
            // Nobody here reads a request back, so the answer need not hold it.
            request.Headers.Accept.ParseAdd("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
        }

        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        return request;
    }

    private static ClusterException ErrorOf(string verb, ResourceKind kind, HttpResponseMessage response, string body)
    {
        var (message, isNamespaceLeaving) = (body, false);
        try
        {
            var status = JsonNode.Parse(body);
            message = status?["message"]?.GetValue<string>() ?? body;
            isNamespaceLeaving = status?["details"]?["causes"] is JsonArray causes && causes.Any(cause => cause?["reason"]?.GetValue<string>() == "NamespaceTerminating");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not every proxy on the way speaks JSON.
        }

        return new ClusterException(response.StatusCode, $"{verb} {kind.Plural}: {(int)response.StatusCode} {message}") { RetryAfter = response.Headers.RetryAfter?.Delta, IsNamespaceLeaving = isNamespaceLeaving };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Namespace}/{Name} of {Kind} is as if it were not there, for it cannot be read: {Error}")]
    private static partial void NotRead(ILogger logger, string @namespace, string name, string kind, string error);
}
