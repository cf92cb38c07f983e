using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Authorization;
using DyLoraMoe.Sandbox.Discovery;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Takes every request: who asks, for what, may they, and who answers.</summary>
internal sealed partial class ApiHandler(
    Cluster cluster, Tokens tokens, AccessGuard guard, ObjectReader reader, ObjectWatcher watcher, ObjectWriter writer, ObjectPatcher patcher, ObjectDeleter deleter,
    ScaleResource scales, PodResources pods, PodEviction eviction, PortForwarder forwarder, DiscoveryDocuments discovery, ILogger<ApiHandler> log)
{
    /// <summary>Answers a request; every failure becomes a Status.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http).ConfigureAwait(false);
        }
        catch (ApiException error)
        {
            await FailAsync(http, error).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            await FailAsync(http, new ApiException(503, "ServiceUnavailable", error.Message)).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One request's failure must not end the server; it is logged and told to the client.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailure(log, http.Request.Method, http.Request.Path, error);
            await FailAsync(http, new ApiException(500, "InternalError", $"Internal error occurred: {error.Message}")).ConfigureAwait(false);
        }
    }

    private static async Task FailAsync(HttpContext http, ApiException error)
    {
        if (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            if (error.Code == 429)
            {
                http.Response.Headers.RetryAfter = "1";
            }

            await Answers.WriteAsync(http, error.ToStatus(), error.Code).ConfigureAwait(false);
        }
        else
        {
            http.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        string path = http.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz" || path.StartsWith("/readyz/", StringComparison.Ordinal) || path.StartsWith("/livez/", StringComparison.Ordinal))
        {
            http.Response.ContentType = "text/plain";
            await http.Response.WriteAsync("ok").ConfigureAwait(false);
            return;
        }

        if (path is "/version")
        {
            await Answers.WriteAsync(http, DiscoveryDocuments.Version()).ConfigureAwait(false);
            return;
        }

        Caller caller = Authenticate(http.Request);
        string verb = http.Request.Method switch { "GET" or "HEAD" => "get", "POST" => "create", "PUT" => "update", "PATCH" => "patch", "DELETE" => "delete", _ => throw ApiException.MethodNotAllowed() };
        if (RequestPath.Parse(path) is not { } target)
        {
            guard.Require(caller, new AccessQuestion(verb) { Path = path });
            if (path == "/openapi/v2" && verb == "get" && http.Request.Headers.Accept.ToString() is { } accept && accept.Contains("spec.v2", StringComparison.Ordinal) && !accept.Contains("json", StringComparison.Ordinal))
            {
                http.Response.ContentType = DiscoveryDocuments.SwaggerProtobuf;
                await http.Response.Body.WriteAsync(DiscoveryDocuments.EmptySwagger, http.RequestAborted).ConfigureAwait(false);
                return;
            }

            JsonNode document = (verb == "get" ? discovery.Find(path, http.Request) : null) ?? throw ApiException.UnknownPath();
            await Answers.WriteAsync(http, document, type: DiscoveryDocuments.TypeOf(path, http.Request)).ConfigureAwait(false);
            return;
        }

        ResourceKind kind = cluster.Catalog.Find(target.Group, target.Version, target.Plural) ?? throw ApiException.UnknownPath();
        if (kind.Namespaced ? target.Namespace.Length == 0 && target.Name.Length > 0 : target.Namespace.Length > 0)
        {
            throw ApiException.UnknownPath();
        }

        ApiRequest request = new(http, caller, kind, target);
        bool watch = verb == "get" && request.Flag("watch");
        string asked = target.Name.Length > 0 && !watch ? verb : verb switch { "get" => watch ? "watch" : "list", "delete" => "deletecollection", _ => verb };
        guard.Require(caller, new AccessQuestion(asked)
        {
            Group = kind.Group,
            Resource = kind.Plural,
            Subresource = target.Subresource,
            Namespace = target.Namespace,
            Name = target.Name,
        });
        if (target.Subresource.Length > 0)
        {
            await SubresourceAsync(request, verb).ConfigureAwait(false);
            return;
        }

        if (!kind.Verbs.Contains(asked))
        {
            throw ApiException.MethodNotAllowed();
        }

        await ObjectAsync(request, asked).ConfigureAwait(false);
    }

    private async Task ObjectAsync(ApiRequest request, string verb)
    {
        if (verb is "list" or "watch" or "deletecollection")
        {
            request.CheckList(verb == "watch");
        }

        switch (verb)
        {
            case "get":
                await reader.GetAsync(request).ConfigureAwait(false);
                break;
            case "list":
                await reader.ListAsync(request).ConfigureAwait(false);
                break;
            case "watch":
                await watcher.WatchAsync(request).ConfigureAwait(false);
                break;
            case "create" when request.Name.Length == 0:
                await CreateAsync(request).ConfigureAwait(false);
                break;
            case "update" when request.Name.Length > 0:
                await UpdateAsync(request).ConfigureAwait(false);
                break;
            case "patch" when request.Name.Length > 0:
                (JsonObject patched, bool made) = await patcher.PatchAsync(request).ConfigureAwait(false);
                await Answers.WriteObjectAsync(request, patched, cluster.Time.GetUtcNow(), made ? 201 : 200).ConfigureAwait(false);
                break;
            case "delete":
                await DeleteAsync(request).ConfigureAwait(false);
                break;
            case "deletecollection":
                await DeleteManyAsync(request).ConfigureAwait(false);
                break;
            default:
                throw ApiException.MethodNotAllowed();
        }
    }

    private async Task CreateAsync(ApiRequest request)
    {
        request.CheckOptions("CreateOptions");
        JsonObject item = await BodyAsync(request).ConfigureAwait(false);
        if (request.Kind.Verbs.Count == 1)
        {
            JsonObject answer = Reviews.Answer(request.Kind.Kind, item, cluster.Store.View, request.Caller, tokens);
            await Answers.WriteAsync(request.Http, answer, 201).ConfigureAwait(false);
            return;
        }

        if (request.Kind.Collection == "/pods")
        {
            await pods.AwaitAccountAsync(request, item).ConfigureAwait(false);
        }

        JsonObject made = await writer.CreateAsync(request, item).ConfigureAwait(false);
        await Answers.WriteObjectAsync(request, made, cluster.Time.GetUtcNow(), 201).ConfigureAwait(false);
    }

    private async Task UpdateAsync(ApiRequest request)
    {
        request.CheckOptions("UpdateOptions");
        JsonObject item = ObjectWriter.Named(request, await BodyAsync(request).ConfigureAwait(false));
        (JsonObject now, bool made) = await writer.UpdateAsync(request, old =>
            old is not null || (request.Kind.Rules.CreatesOnUpdate && request.Subresource.Length == 0) ? item.Copy() : throw ApiException.NotFound(request.Kind, request.Name)).ConfigureAwait(false);
        await Answers.WriteObjectAsync(request, now, cluster.Time.GetUtcNow(), made ? 201 : 200).ConfigureAwait(false);
    }

    private async Task DeleteAsync(ApiRequest request)
    {
        DeleteOptions options = await DeleteOptions.ReadAsync(request).ConfigureAwait(false);
        (JsonObject item, bool gone) = await deleter.DeleteAsync(request.Kind, Cluster.Key(request.Kind, request.Namespace, request.Name), options).ConfigureAwait(false);
        if (gone && !request.Kind.Rules.ReturnsDeleted)
        {
            await Answers.WriteAsync(request.Http, Answers.Deleted(request.Kind, item)).ConfigureAwait(false);
        }
        else
        {
            await Answers.WriteObjectAsync(request, item, cluster.Time.GetUtcNow()).ConfigureAwait(false);
        }
    }

    private async Task DeleteManyAsync(ApiRequest request)
    {
        DeleteOptions options = await DeleteOptions.ReadAsync(request).ConfigureAwait(false);
        Selection selection = Selection.Of(request);
        JsonArray items = [];
        StoreView view = cluster.Store.View;
        long most = request.Number("limit") is > 0 and { } limit ? limit : long.MaxValue;
        foreach (StoredObject found in view.List(request.Kind.Collection, request.Namespace.Length == 0 ? null : request.Namespace))
        {
            if (items.Count < most && selection.Matches(Cluster.Show(request.Kind, found)) && cluster.Store.Latest(found.Key) is not null)
            {
                (JsonObject item, _) = await deleter.DeleteAsync(request.Kind, found.Key, options with { Uid = null, ResourceVersion = null }).ConfigureAwait(false);
                items.Add(item.DeepClone());
            }
        }

        await Answers.WriteAsync(request.Http, new JsonObject
        {
            ["kind"] = request.Kind.ListKind,
            ["apiVersion"] = request.Kind.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = cluster.Store.View.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            ["items"] = items,
        }).ConfigureAwait(false);
    }

    private async Task SubresourceAsync(ApiRequest request, string verb)
    {
        ResourceKind kind = request.Kind;
        string which = kind.Group.Length == 0 ? $"{kind.Plural}/{request.Subresource}" : request.Subresource;
        switch (which)
        {
            case "pods/log" when verb == "get":
                await pods.LogAsync(request).ConfigureAwait(false);
                break;
            case "pods/binding" when verb == "create":
                await pods.BindAsync(request, await AnyBodyAsync(request).ConfigureAwait(false)).ConfigureAwait(false);
                await Answers.WriteAsync(request.Http, Success(), 201).ConfigureAwait(false);
                break;
            case "pods/eviction" when verb == "create":
                await eviction.EvictAsync(request, await AnyBodyAsync(request).ConfigureAwait(false)).ConfigureAwait(false);
                await Answers.WriteAsync(request.Http, Success(), 201).ConfigureAwait(false);
                break;
            case "pods/portforward" when verb is "get" or "create":
                // An upgrade is a GET, but it lets somebody write: API servers ask for both since Kubernetes 1.35.
                guard.RequireCreate(request);
                await forwarder.ForwardAsync(request).ConfigureAwait(false);
                break;
            case "serviceaccounts/token" when verb == "create":
                await Answers.WriteAsync(request.Http, Issue(request, await AnyBodyAsync(request).ConfigureAwait(false)), 201).ConfigureAwait(false);
                break;
            case "namespaces/finalize" when verb == "update":
                await UpdateAsync(request).ConfigureAwait(false);
                break;
            case "scale" when kind.Scale is not null:
                await ScaleAsync(request, verb).ConfigureAwait(false);
                break;
            default:
                if (request.Subresource != "status" || !kind.HasStatus)
                {
                    throw ApiException.UnknownPath();
                }

                await ObjectAsync(request, verb is "get" or "update" or "patch" ? verb : throw ApiException.MethodNotAllowed()).ConfigureAwait(false);
                break;
        }
    }

    private async Task ScaleAsync(ApiRequest request, string verb)
    {
        switch (verb)
        {
            case "get":
                await Answers.WriteAsync(request.Http, scales.Get(request)).ConfigureAwait(false);
                break;
            case "update":
                JsonObject body = ObjectWriter.Named(request, await AnyBodyAsync(request).ConfigureAwait(false));
                await Answers.WriteAsync(request.Http, await scales.UpdateAsync(request, _ => body).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case "patch":
                string type = RequestBody.Type(request.Http.Request);
                JsonNode patch = await RequestBody.NodeAsync(request.Http.Request, type).ConfigureAwait(false) ?? throw ApiException.BadRequest("expected a patch, found an empty body");
                await Answers.WriteAsync(request.Http, await scales.UpdateAsync(request, scale => ObjectPatcher.Patched(scale, patch, type, request)).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            default:
                throw ApiException.MethodNotAllowed();
        }
    }

    private JsonObject Issue(ApiRequest request, JsonObject body)
    {
        StoredObject account = cluster.Store.View.Find(Cluster.Key(request.Kind, request.Namespace, request.Name)) ?? throw ApiException.NotFound(request.Kind, request.Name);
        if (body.Whole("spec", "expirationSeconds") is < 600 and { } seconds)
        {
            throw ApiException.Invalid("authentication.k8s.io", "TokenRequest", "", [FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")]);
        }

        TimeSpan lifetime = TimeSpan.FromSeconds(Math.Max(600, body.Whole("spec", "expirationSeconds") ?? 3600));
        (string token, DateTimeOffset expires) = tokens.Issue(request.Namespace, request.Name, account.Shared.Text("metadata", "uid") ?? "", body.Texts("spec", "audiences"), lifetime);
        JsonObject answer = body.Copy();
        answer["kind"] = "TokenRequest";
        answer["apiVersion"] = "authentication.k8s.io/v1";
        answer["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = Cluster.Timestamp(expires) };
        return answer;
    }

    private Caller Authenticate(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        Caller caller = (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? tokens.Find(header[7..].Trim(), cluster.Store.View) : null)
            ?? throw new ApiException(401, "Unauthorized", "Unauthorized");
        if (request.Headers["Impersonate-User"].ToString() is not { Length: > 0 } user)
        {
            return caller;
        }

        return caller.IsMaster ? Caller.Named(user, [.. request.Headers["Impersonate-Group"].OfType<string>()])
            : throw ApiException.Forbidden("", "users", user, $"User \"{caller.Name}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
    }

    private static async Task<JsonObject> BodyAsync(ApiRequest request)
    {
        List<string> duplicates = [];
        JsonObject body = await RequestBody.ObjectAsync(request.Http.Request, duplicates).ConfigureAwait(false) ?? throw ApiException.BadRequest("expected an object, found an empty body");
        return Decoding.Decode(body, request, duplicates);
    }

    private static async Task<JsonObject> AnyBodyAsync(ApiRequest request) => await RequestBody.ObjectAsync(request.Http.Request).ConfigureAwait(false) ?? [];

    private static JsonObject Success() => new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger log, string method, string path, Exception error);
}
