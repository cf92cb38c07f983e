using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Storage;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Streams the changes of a collection to a client.</summary>
internal sealed class ObjectWatcher(Cluster cluster, ObjectReader reader, IHostApplicationLifetime lifetime)
{
    /// <summary>Answers with a stream of events until the client goes, the time is over or the server stops.</summary>
    public async Task WatchAsync(ApiRequest request)
    {
        Selection selection = Selection.Of(request);
        ObjectForm form = MediaTypes.Negotiate(request.Http.Request);
        ulong? version = ObjectReader.Version(request.Query("resourceVersion"));
        bool initial = request.Query("sendInitialEvents") is { } wanted ? wanted == "true" : version is null or 0;
        if (version is > 0)
        {
            await reader.WaitForAsync(version.Value, request.Cancellation).ConfigureAwait(false);
        }

        Stream stream = new(request, form, cluster);
        request.Http.Response.ContentType = MediaTypes.Json;
        if (!cluster.Store.TrySubscribe(request.Kind.Collection, initial || version == 0 ? null : version, out Subscription? subscription, out ulong forgotten))
        {
            // Once the request itself is well, what goes wrong is an event of the stream: clients look for it there.
            stream.Error(ApiException.Expired(string.Create(CultureInfo.InvariantCulture, $"too old resource version: {version} ({forgotten + 1})")));
            await stream.FlushAsync(request.Cancellation).ConfigureAwait(false);
            return;
        }

        using (subscription)
        {
            if (initial)
            {
                foreach (StoredObject item in subscription.Start.List(request.Kind.Collection, request.Namespace.Length == 0 ? null : request.Namespace))
                {
                    JsonObject shown = Cluster.Show(request.Kind, item);
                    if (selection.Matches(shown))
                    {
                        stream.Add("ADDED", shown);
                    }
                }

                if (request.Query("sendInitialEvents") == "true")
                {
                    stream.Bookmark(subscription.Start.Version, initialEnd: true);
                }
            }

            await stream.FlushAsync(request.Cancellation).ConfigureAwait(false);
            await FollowAsync(request, selection, subscription, stream).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(ApiRequest request, Selection selection, Subscription subscription, Stream stream)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(request.Cancellation, lifetime.ApplicationStopping);
        if (request.Number("timeoutSeconds") is > 0 and { } seconds)
        {
            over.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        bool bookmarks = request.Flag("allowWatchBookmarks");
        try
        {
            while (true)
            {
                Task<bool> more = subscription.Events.WaitToReadAsync(over.Token).AsTask();
                while (bookmarks && await Task.WhenAny(more, Task.Delay(cluster.Options.BookmarkInterval, cluster.Time, over.Token)).ConfigureAwait(false) != more)
                {
                    over.Token.ThrowIfCancellationRequested();
                    ulong now = cluster.Store.PublishedVersion;
                    if (!subscription.Events.TryPeek(out _))
                    {
                        stream.Bookmark(now, initialEnd: false);
                        await stream.FlushAsync(over.Token).ConfigureAwait(false);
                    }
                }

                if (!await more.ConfigureAwait(false))
                {
                    return;
                }

                // A watch goes on when the definition of its kind changes.
                ResourceKind kind = cluster.Catalog.Find(request.Kind.Group, request.Kind.Version, request.Kind.Plural) ?? request.Kind;
                while (subscription.Events.TryRead(out StoreEvent? change))
                {
                    Add(kind, selection, stream, change);
                }

                await stream.FlushAsync(over.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The client went, its time is over, or the server stops: the stream just ends.
        }
    }

    /// <summary>An object that begins to be selected is new to the client; one that no longer is, is gone.</summary>
    private static void Add(ResourceKind kind, Selection selection, Stream stream, StoreEvent change)
    {
        bool before = change.Previous is { } old && selection.Matches(Cluster.Show(kind, old));
        JsonObject? now = change.Current is { } current ? Cluster.Show(kind, current) : null;
        bool after = now is not null && selection.Matches(now);
        if (after)
        {
            stream.Add(before ? "MODIFIED" : "ADDED", now!);
        }
        else if (before)
        {
            JsonObject last = Cluster.Show(kind, change.Last ?? change.Previous!, shared: false);
            last.Ensure("metadata")["resourceVersion"] = change.Version.ToString(CultureInfo.InvariantCulture);
            stream.Add("DELETED", last);
        }
    }

    private sealed class Stream(ApiRequest request, ObjectForm form, Cluster cluster)
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private bool _headings = true;

        public void Add(string type, JsonObject item)
        {
            JsonNode shown = form switch
            {
                ObjectForm.Table => Table(item),
                ObjectForm.Partial => TableView.Partial(item),
                _ => item,
            };
            Write(type, shown);
        }

        public void Bookmark(ulong version, bool initialEnd)
        {
            JsonObject metadata = new() { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
            if (initialEnd)
            {
                metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            }

            JsonObject mark = new()
            {
                ["kind"] = form == ObjectForm.Partial ? "PartialObjectMetadata" : request.Kind.Kind,
                ["apiVersion"] = form == ObjectForm.Partial ? "meta.k8s.io/v1" : request.Kind.ApiVersion,
                ["metadata"] = metadata,
            };
            Write("BOOKMARK", form == ObjectForm.Table
                ? TableView.Of(request.Kind.Columns, [], new JsonObject { ["resourceVersion"] = metadata["resourceVersion"]!.DeepClone() }, TableView.Include.None, cluster.Time.GetUtcNow())
                : mark);
        }

        public void Error(ApiException error) => Write("ERROR", error.ToStatus());

        public async Task FlushAsync(CancellationToken cancellation)
        {
            if (_buffer.WrittenCount > 0)
            {
                await request.Http.Response.Body.WriteAsync(_buffer.WrittenMemory, cancellation).ConfigureAwait(false);
                _buffer.ResetWrittenCount();
            }

            await request.Http.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }

        private JsonObject Table(JsonObject item)
        {
            JsonObject table = TableView.Of(request.Kind.Columns, [item], new JsonObject { ["resourceVersion"] = item.Text("metadata", "resourceVersion") ?? "" },
                Answers.IncludeOf(request), cluster.Time.GetUtcNow(), _headings);
            _headings = false;
            return table;
        }

        private void Write(string type, JsonNode item)
        {
            _buffer.Write("{\"type\":\""u8);
            _buffer.Write(System.Text.Encoding.UTF8.GetBytes(type));
            _buffer.Write("\",\"object\":"u8);
            _buffer.Write(JsonText.Bytes(item));
            _buffer.Write("}\n"u8);
        }
    }
}
