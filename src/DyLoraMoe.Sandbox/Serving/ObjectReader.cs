using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Storage;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Reads one object or lists many, in pieces when the client wants.</summary>
internal sealed class ObjectReader(Cluster cluster)
{
    private const int KeptViews = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private readonly LinkedList<StoreView> _views = [];

    /// <summary>Answers with one object.</summary>
    public Task GetAsync(ApiRequest request)
    {
        _ = Version(request.Query("resourceVersion"));
        StoredObject item = cluster.Store.View.Find(Cluster.Key(request.Kind, request.Namespace, request.Name))
            ?? throw ApiException.NotFound(request.Kind, request.Name);
        return Answers.WriteObjectAsync(request, Cluster.Show(request.Kind, item), cluster.Time.GetUtcNow());
    }

    /// <summary>Answers with a list.</summary>
    public async Task ListAsync(ApiRequest request)
    {
        Selection selection = Selection.Of(request);
        Piece piece = await PieceAsync(request).ConfigureAwait(false);
        IEnumerable<StoredObject> all = piece.View.List(request.Kind.Collection, request.Namespace.Length == 0 ? null : request.Namespace);
        if (piece.After is { } after)
        {
            all = all.Where(item => Order(item.Key, after) > 0);
        }

        IEnumerable<JsonObject> found = all.Select(item => Cluster.Show(request.Kind, item)).Where(selection.Matches);
        long limit = request.Number("limit") ?? 0;
        List<JsonObject> items = [.. limit > 0 ? found.Take((int)Math.Min(limit, int.MaxValue - 1) + 1) : found];
        JsonObject metadata = new() { ["resourceVersion"] = piece.View.Version.ToString(CultureInfo.InvariantCulture) };
        if (limit > 0 && items.Count > limit)
        {
            items.RemoveAt(items.Count - 1);
            Keep(piece.View);
            metadata["continue"] = Token(piece.View.Version, new ObjectKey("", items[^1].Text("metadata", "namespace") ?? "", items[^1].Text("metadata", "name") ?? ""));
            if (selection.IsEmpty)
            {
                metadata["remainingItemCount"] = all.LongCount() - items.Count;
            }
        }

        await WriteAsync(request, items, metadata).ConfigureAwait(false);
    }

    private async Task WriteAsync(ApiRequest request, List<JsonObject> items, JsonObject metadata)
    {
        ObjectForm form = MediaTypes.Negotiate(request.Http.Request);
        if (form == ObjectForm.Table)
        {
            await Answers.WriteAsync(request.Http, TableView.Of(request.Kind.Columns, items, metadata, Answers.IncludeOf(request), cluster.Time.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        bool partial = form == ObjectForm.Partial;
        HttpResponse response = request.Http.Response;
        response.ContentType = MediaTypes.Json;
        JsonObject head = new()
        {
            ["kind"] = partial ? "PartialObjectMetadataList" : request.Kind.ListKind,
            ["apiVersion"] = partial ? "meta.k8s.io/v1" : request.Kind.ApiVersion,
            ["metadata"] = metadata,
        };
        using MemoryStream body = new();
        body.Write(JsonText.Bytes(head).AsSpan()[..^1]);
        body.Write(",\"items\":["u8);
        for (int at = 0; at < items.Count; at++)
        {
            if (at > 0)
            {
                body.WriteByte((byte)',');
            }

            body.Write(JsonText.Bytes(partial ? TableView.Partial(items[at]) : items[at]));
        }

        body.Write("]}"u8);
        response.ContentLength = body.Length;
        body.Position = 0;
        await body.CopyToAsync(response.Body, request.Cancellation).ConfigureAwait(false);
    }

    private async Task<Piece> PieceAsync(ApiRequest request)
    {
        if (request.Query("continue") is { } token)
        {
            return Continue(token);
        }

        ulong? version = Version(request.Query("resourceVersion"));
        if (version is not (null or 0))
        {
            await WaitForAsync(version.Value, request.Cancellation).ConfigureAwait(false);
        }

        if (request.Query("resourceVersionMatch") == "Exact" && version is { } exact && exact != cluster.Store.View.Version)
        {
            return new Piece(Kept(exact) ?? throw ApiException.Expired($"The provided resource version {exact} is too old"), null);
        }

        return new Piece(cluster.Store.View, null);
    }

    /// <summary>A resource version as a number.</summary>
    public static ulong? Version(string? text) => string.IsNullOrEmpty(text) ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong version) ? version
        : throw new ApiException(500, "", $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");

    /// <summary>Waits until the store has come to a version, though not for long.</summary>
    public async Task WaitForAsync(ulong version, CancellationToken cancellation)
    {
        long start = cluster.Time.GetTimestamp();
        while (cluster.Store.View.Version < version)
        {
            if (cluster.Time.GetElapsedTime(start) > Patience)
            {
                throw ApiException.TooLargeVersion(version, cluster.Store.View.Version);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), cluster.Time, cancellation).ConfigureAwait(false);
        }
    }

    private Piece Continue(string token)
    {
        try
        {
            JsonObject start = JsonText.ParseObject(Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/')));
            ulong version = (ulong)(start.Whole("rv") ?? 0);
            ObjectKey after = new("", start.Text("ns") ?? "", start.Text("name") ?? "");
            return new Piece((version == 0 ? cluster.Store.View : Kept(version)) ?? throw ApiException.ExpiredList(Token(0, after)), after);
        }
        catch (Exception error) when (error is FormatException or System.Text.Json.JsonException)
        {
            throw ApiException.BadRequest("invalid continue token: continue key is not valid: " + error.Message);
        }
    }

    /// <summary>Where a list goes on: in the state of a version, or, with none, in whatever state there is by then.</summary>
    private static string Token(ulong version, ObjectKey last) => Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonText.String(new JsonObject
    {
        ["rv"] = (long)version,
        ["ns"] = last.Namespace,
        ["name"] = last.Name,
    }))).Replace('+', '-').Replace('/', '_');

    private static int Order(ObjectKey left, ObjectKey right)
    {
        int order = string.CompareOrdinal(left.Namespace, right.Namespace);
        return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
    }

    private void Keep(StoreView view)
    {
        lock (_gate)
        {
            if (!_views.Contains(view))
            {
                _views.AddLast(view);
                if (_views.Count > KeptViews)
                {
                    _views.RemoveFirst();
                }
            }
        }
    }

    private StoreView? Kept(ulong version)
    {
        if (cluster.Store.View is { } current && current.Version == version)
        {
            return current;
        }

        lock (_gate)
        {
            return _views.FirstOrDefault(view => view.Version == version);
        }
    }

    private sealed record Piece(StoreView View, ObjectKey? After);
}
