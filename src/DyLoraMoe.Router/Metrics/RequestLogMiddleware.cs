using System.Diagnostics;
using DyLoraMoe.Router.Limits;

namespace DyLoraMoe.Router.Metrics;

/// <summary>One line and one count per request below <c>/v1</c>. Names each answer, so that a line can be found again.</summary>
internal sealed partial class RequestLogMiddleware(RequestDelegate next, RouterMetrics metrics, DrainState drain, TimeProvider time, ILogger<RequestLogMiddleware> log)
{
    // What nginx made usual for a client that did not wait.
    private const int ClientGone = 499;

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = Guid.NewGuid().ToString("N");
        context.Response.OnStarting(Sign, context);
        if (!context.Request.Path.StartsWithSegments("/v1"))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var started = time.GetTimestamp();
        using var span = RouterTracing.Begin(context);
        await next(context).ConfigureAwait(false);
        Note(context, time.GetElapsedTime(started), span);
    }

    // Whatever the answer is, an error that takes back what was set before it included.
    private Task Sign(object state)
    {
        var context = (HttpContext)state;
        context.Response.Headers["x-request-id"] = context.TraceIdentifier;
        if (drain.IsDraining)
        {
            // Whoever keeps a connection open should open the next one to another server.
            context.Response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    private void Note(HttpContext context, TimeSpan duration, Activity? span)
    {
        var notes = RequestNotes.Of(context);
        var status = notes.Error?.Status ?? context.Response.StatusCode;
        var endpoint = context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern } ? pattern : "(none)";
        if (context.RequestAborted.IsCancellationRequested)
        {
            status = ClientGone;
        }

        metrics.Answered(endpoint, notes.Expert, status, duration);
        RouterTracing.End(span, endpoint, status, notes);
        var milliseconds = (long)duration.TotalMilliseconds;
        LogRequest(context.TraceIdentifier, endpoint, status, notes.Model, notes.Expert, notes.Usage?.PromptTokens, notes.Usage?.CompletionTokens, milliseconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Request} {Endpoint} {Status} model={Model} expert={Expert} prompt={PromptTokens} answer={AnswerTokens} {Milliseconds} ms")]
    private partial void LogRequest(string request, string endpoint, int status, string? model, string? expert, int? promptTokens, int? answerTokens, long milliseconds);
}
