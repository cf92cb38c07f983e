using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace KubeOps.Tests.Fakes;

/// <summary>The watches of a <see cref="FakeApiServer"/>: those that are open, and the changes that a new one is told of.</summary>
internal sealed class FakeWatches
{
    private readonly Lock _lock = new();
    private readonly List<(long Version, string Key, string Type, JsonObject Object)> _log = [];
    private readonly List<OpenWatch> _open = [];
    private long _oldest;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Ends all of them.</summary>
    public void End(Exception? error)
    {
        lock (_lock)
        {
            _open.ForEach(watch => watch.Lines.Writer.TryComplete(error));
            _open.Clear();
        }
    }

    /// <summary>Forgets what was before a version, which is gone for who asks for it.</summary>
    public void Forget(long version)
    {
        lock (_lock)
        {
            _oldest = version;
            _log.Clear();
        }
    }

    /// <summary>Writes a line into all of them.</summary>
    public void Send(string type, JsonObject body)
    {
        lock (_lock)
        {
            _open.ForEach(watch => watch.Lines.Writer.TryWrite(Line(type, body)));
        }
    }

    /// <summary>Tells those of a change who want it.</summary>
    public void Tell(long version, string key, string type, JsonObject item)
    {
        lock (_lock)
        {
            _log.Add((version, key, type, item.DeepClone().AsObject()));
            foreach (var watch in _open.Where(watch => watch.Selection.Holds(key, item)))
            {
                watch.Lines.Writer.TryWrite(Line(type, item));
            }
        }
    }

    /// <summary>Answers a request to watch until it is ended or goes away.</summary>
    /// <param name="context">The request.</param>
    /// <param name="selection">What it wants.</param>
    /// <param name="expired">What to say when it asks for a version that is gone.</param>
    public async Task ServeAsync(HttpContext context, Selection selection, JsonObject expired)
    {
        var watch = Open(selection, long.TryParse(context.Request.Query["resourceVersion"], out var given) ? given : 0, expired);
        try
        {
            context.Response.ContentType = "application/json";
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await foreach (var line in watch.Lines.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(watch);
            }
        }
    }

    private OpenWatch Open(Selection selection, long version, JsonObject expired)
    {
        var watch = new OpenWatch(selection);
        lock (_lock)
        {
            if (version < _oldest)
            {
                watch.Lines.Writer.TryWrite(Line("ERROR", expired));
                watch.Lines.Writer.TryComplete();
                return watch;
            }

            foreach (var past in _log.Where(past => past.Version > version && selection.Holds(past.Key, past.Object)))
            {
                watch.Lines.Writer.TryWrite(Line(past.Type, past.Object));
            }

            _open.Add(watch);
            return watch;
        }
    }

    private static string Line(string type, JsonObject body) =>
        new JsonObject { ["type"] = type, ["object"] = body.DeepClone() }.ToJsonString();

    private sealed record OpenWatch(Selection Selection)
    {
        public Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();
    }
}
