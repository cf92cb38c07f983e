using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Turns whatever goes wrong into an error of OpenAI's shape, also for addresses and methods that there are not.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> log)
{
    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            {
                await Replies.WriteErrorAsync(context, Missing(context)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone, so nobody reads an answer; the request log says so.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            var shown = ErrorOf(error);
            if (shown.Status is StatusCodes.Status500InternalServerError or StatusCodes.Status507InsufficientStorage)
            {
                LogUnexpected(error, context.Request.Path);
            }

            context.Response.Clear();
            await Replies.WriteErrorAsync(context, shown).ConfigureAwait(false);
        }
    }

    /// <summary>An exception in OpenAI's terms.</summary>
    public static ApiException ErrorOf(Exception error) => error switch
    {
        ApiException api => api,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ApiException.TooLarge("The body is larger than this server accepts."),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "invalid_request_error", bad.Message),
        QueueFullException full => ApiException.Busy(full.Message, full.RetryAfter, full),
        EngineStoppedException stopped => ApiException.Unavailable(stopped.Message, "server_stopping", TimeSpan.FromSeconds(1)),
        ExpertLostException lost => ApiException.Unavailable(lost.Message, "expert_unavailable", TimeSpan.FromSeconds(5)),
        ScoresNotFiniteException broken => new ApiException(500, "server_error", broken.Message, code: "scores_not_finite", innerException: broken) { IsFinal = true },
        FormImpossibleException form => new ApiException(500, "server_error", form.Message, code: "form_impossible", innerException: form) { IsFinal = true },
        _ => new ApiException(500, "server_error", "The server failed on this request; its log says more.", code: "internal_error", innerException: error),
    };

    private static ApiException Missing(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ApiException(404, "invalid_request_error", $"There is no {context.Request.Path}.", code: "unknown_url"),
        StatusCodes.Status405MethodNotAllowed => new ApiException(405, "invalid_request_error", $"{context.Request.Path} does not take {context.Request.Method}.", code: "method_not_allowed"),
        var status => new ApiException(status, "invalid_request_error", "The request cannot be answered."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected error on {Path}")]
    private partial void LogUnexpected(Exception error, string path);
}
