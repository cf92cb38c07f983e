using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeOps.Tests.Fakes;

/// <summary>An API server over HTTP on this machine: objects of any kind, watches, and faults on demand.</summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly FakeWatches _watches = new();
    private readonly Queue<(string Method, string Path, int Status)> _faults = new();
    private readonly WebApplication _app;
    private long _version = 100;

    private FakeApiServer(WebApplication app) => _app = app;

    public List<string> Requests { get; } = [];

    public KubernetesClientConfiguration Configuration =>
        new() { Host = _app.Urls.First(), Namespace = "default" };

    public int WatchCount => _watches.Count;

    public static async Task<FakeApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new FakeApiServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    public int Count(string request)
    {
        lock (_lock)
        {
            return Requests.Count(made => made.StartsWith(request, StringComparison.Ordinal));
        }
    }

    /// <summary>Answers the next request of this method and path (a part of it) with an error.</summary>
    public void FailNext(string method, string path, int status, int times = 1)
    {
        lock (_lock)
        {
            for (var i = 0; i < times; i++)
            {
                _faults.Enqueue((method, path, status));
            }
        }
    }

    /// <summary>Cuts all watches off.</summary>
    public void DropWatches() => EndWatches(new IOException("dropped"));

    /// <summary>Ends all watches as a server does when their time is up, or with an error.</summary>
    public void EndWatches(Exception? error = null) => _watches.End(error);

    /// <summary>Forgets the log, so that older versions are gone.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _watches.Forget(++_version);
        }
    }

    /// <summary>Writes a line into all watches.</summary>
    public void Send(string type, JsonObject body) => _watches.Send(type, body);

    public void SendBookmark(string kind)
    {
        lock (_lock)
        {
            ++_version;
            Send("BOOKMARK", new JsonObject
            {
                ["apiVersion"] = "test.dev/v1",
                ["kind"] = kind,
                ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" },
            });
        }
    }

    /// <summary>Makes an object.</summary>
    public void Add(Thing thing)
    {
        lock (_lock)
        {
            var body = JsonNode.Parse(KubernetesJson.Serialize(thing))!.AsObject();
            Create($"things/{thing.Metadata.NamespaceProperty}/{thing.Metadata.Name}", body);
        }
    }

    /// <summary>Takes an object away without telling anyone.</summary>
    public void RemoveSilently(string key)
    {
        lock (_lock)
        {
            Assert.True(_objects.Remove(key));
        }
    }

    public JsonObject? Find(string key)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(key)?.DeepClone().AsObject();
        }
    }

    public IReadOnlyList<JsonObject> All(string collection)
    {
        lock (_lock)
        {
            return _objects.Where(item => item.Key.StartsWith(collection, StringComparison.Ordinal)).Select(item => item.Value.DeepClone().AsObject()).ToList();
        }
    }

    public async ValueTask DisposeAsync()
    {
        DropWatches();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        var isWatch = request.Query["watch"] == "true" || request.Query["watch"] == "True";
        lock (_lock)
        {
            Requests.Add($"{(isWatch ? "WATCH" : request.Method)} {request.Path}{request.QueryString}");
            if (_faults.TryPeek(out var fault) && request.Method == fault.Method
                && request.Path.Value!.Contains(fault.Path, StringComparison.Ordinal))
            {
                _faults.Dequeue();
                context.Response.StatusCode = fault.Status;
                return;
            }
        }

        parts.RemoveRange(0, parts[0] == "api" || parts[1] == "v1" ? 2 : 3);
        string? @namespace = null;
        if (parts is ["namespaces", var given, _, ..])
        {
            @namespace = given;
            parts.RemoveRange(0, 2);
        }

        var body = request.Method is "POST" or "PUT" or "PATCH"
            ? (await JsonNode.ParseAsync(request.Body))!.AsObject()
            : null;
        if (isWatch)
        {
            await _watches.ServeAsync(context, Selection.Of(request.Query, @namespace is null ? $"{parts[0]}/" : $"{parts[0]}/{@namespace}/"), Error(410, "Expired").Body);
            return;
        }

        var (status, answer) = Answer(context.Request, parts, @namespace, body);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private (int Status, JsonObject Answer) Answer(
        HttpRequest request,
        List<string> parts,
        string? @namespace,
        JsonObject? body)
    {
        var collection = @namespace is null ? $"{parts[0]}/" : $"{parts[0]}/{@namespace}/";
        var name = parts.Count > 1 ? parts[1] : body?["metadata"]?["name"]?.ToString();
        var key = collection + name;
        lock (_lock)
        {
            var stored = _objects.GetValueOrDefault(key);
            return (request.Method, stored) switch
            {
                ("GET", _) when parts.Count == 1 => List(request.Query, collection),
                ("POST", null) => (201, Create(key, body!)),
                ("POST", _) => Error(409, "AlreadyExists"),
                (_, null) => Error(404, "NotFound"),
                ("GET", _) => (200, stored),
                ("DELETE", _) => (200, Delete(key, stored)),
                ("PUT", _) when IsStale(stored, body!) => Error(409, "Conflict"),
                ("PUT", _) => (200, Update(key, stored, body!, parts is [_, _, "status"])),
                ("PATCH", _) => (200, Update(key, stored, Merge(stored, body!), parts is [_, _, "status"])),
                _ => Error(405, "MethodNotAllowed"),
            };
        }
    }

    private static (int Status, JsonObject Body) Error(int code, string reason) => (code, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["reason"] = reason,
        ["code"] = code,
    });

    private static bool IsStale(JsonObject stored, JsonObject body) =>
        body["metadata"]!["resourceVersion"]?.ToString() is { } version
        && version != stored["metadata"]!["resourceVersion"]!.ToString();

    private static JsonObject Merge(JsonObject onto, JsonObject patch)
    {
        var merged = onto.DeepClone().AsObject();
        foreach (var (key, value) in patch)
        {
            if (value is null)
            {
                merged.Remove(key);
            }
            else
            {
                merged[key] = value is JsonObject inner && merged[key] is JsonObject old ? Merge(old, inner) : value.DeepClone();
            }
        }

        return merged;
    }

    private (int Status, JsonObject Answer) List(IQueryCollection query, string collection)
    {
        var selection = Selection.Of(query, collection);
        var items = _objects.Where(item => selection.Holds(item.Key, item.Value)).ToList();
        var start = int.TryParse(query["continue"], out var token) ? token : 0;
        var limit = int.TryParse(query["limit"], out var given) && given > 0 ? given : int.MaxValue;
        var page = items.Skip(start).Take(limit).Select(item => (JsonNode)item.Value.DeepClone()).ToArray();
        var metadata = new JsonObject { ["resourceVersion"] = $"{_version}" };
        if (start + page.Length < items.Count)
        {
            metadata["continue"] = $"{start + page.Length}";
        }

        return (200, new JsonObject
        {
            ["apiVersion"] = "test.dev/v1",
            ["kind"] = "List",
            ["metadata"] = metadata,
            ["items"] = new JsonArray(page),
        });
    }

    private JsonObject Create(string key, JsonObject body)
    {
        var metadata = body["metadata"]!.AsObject();
        metadata["uid"] = Guid.NewGuid().ToString();
        if (body["spec"] is not null)
        {
            metadata["generation"] = 1L;
        }

        metadata["creationTimestamp"] = "2026-01-01T00:00:00Z";
        return Store(key, body, "ADDED");
    }

    private JsonObject Update(string key, JsonObject stored, JsonObject body, bool isStatus)
    {
        var next = isStatus ? stored.DeepClone().AsObject() : body.DeepClone().AsObject();
        next["status"] = (isStatus ? body : stored)["status"]?.DeepClone();
        foreach (var fixedByServer in new[] { "uid", "generation", "creationTimestamp", "deletionTimestamp" })
        {
            next["metadata"]![fixedByServer] = stored["metadata"]![fixedByServer]?.DeepClone();
        }

        if (!JsonNode.DeepEquals(next["spec"], stored["spec"]))
        {
            next["metadata"]!["generation"] = (long)next["metadata"]!["generation"]! + 1;
        }

        var isGone = next["metadata"]!["deletionTimestamp"] is not null
            && next["metadata"]!["finalizers"] is not JsonArray { Count: > 0 };
        return isGone ? Remove(key, next) : Store(key, next, "MODIFIED");
    }

    private JsonObject Delete(string key, JsonObject stored)
    {
        if (stored["metadata"]!["finalizers"] is not JsonArray { Count: > 0 })
        {
            return Remove(key, stored);
        }

        var going = stored.DeepClone().AsObject();
        going["metadata"]!["deletionTimestamp"] = "2026-01-02T00:00:00Z";
        return Store(key, going, "MODIFIED");
    }

    private JsonObject Remove(string key, JsonObject last)
    {
        _objects.Remove(key);
        return Tell(key, last.DeepClone().AsObject(), "DELETED");
    }

    private JsonObject Store(string key, JsonObject item, string type)
    {
        _objects[key] = item;
        return Tell(key, item, type);
    }

    private JsonObject Tell(string key, JsonObject item, string type)
    {
        item["metadata"]!["resourceVersion"] = $"{++_version}";
        _watches.Tell(_version, key, type, item);
        return item.DeepClone().AsObject();
    }
}
