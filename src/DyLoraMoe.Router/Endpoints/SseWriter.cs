using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Writes a stream of server-sent events, as OpenAI's clients read them.</summary>
internal sealed class SseWriter(HttpContext context)
{
    private static readonly byte[] _prefix = "data: "u8.ToArray();
    private static readonly byte[] _suffix = "\n\n"u8.ToArray();
    private static readonly byte[] _done = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Begins the response.</summary>
    public void Begin()
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>One event, sent at once.</summary>
    public async Task SendAsync<T>(T value, JsonTypeInfo<T> type)
    {
        var body = context.Response.Body;
        byte[] line = [.. _prefix, .. JsonSerializer.SerializeToUtf8Bytes(value, type), .. _suffix];
        await body.WriteAsync(line, context.RequestAborted).ConfigureAwait(false);
        await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The end.</summary>
    public async Task EndAsync()
    {
        await context.Response.Body.WriteAsync(_done, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
