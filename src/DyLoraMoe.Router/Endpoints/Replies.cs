using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DyLoraMoe.Router.Endpoints.Wire;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Reads bodies and writes answers.</summary>
internal static class Replies
{
    /// <summary>Reads a request's body.</summary>
    /// <exception cref="ApiException">It is no such JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        // Pages of other sites may send texts and forms in their readers' names without asking first, but no JSON.
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(
                415, "invalid_request_error", $"The body's type is '{context.Request.ContentType}'; expected Content-Type: application/json.", code: "unsupported_media_type");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
                ?? throw ApiException.Invalid(null, "The body is null; expected a JSON object.");
        }
        catch (JsonException error)
        {
            var where = error.Path is { Length: > 2 } path ? path[2..] : null;
            throw ApiException.Invalid(where, where is null
                ? "The body is not valid JSON; expected an object with the parameters."
                : $"'{where}' has a value of the wrong type.");
        }
    }

    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="ApiException">It is half of a character.</exception>
    public static string TextOf(JsonElement text, string param) => Read(param, () => text.GetString()!);

    /// <summary>Reads texts, or the names of properties, of some JSON.</summary>
    /// <exception cref="ApiException">One of them is half of a character.</exception>
    public static string Read(string param, Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid(param, $"'{param}' holds half of a surrogate pair, which is no character.");
        }
    }

    /// <summary>Writes an answer.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T reply, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        var bytes = JsonSerializer.SerializeToUtf8Bytes(reply, type);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes an error.</summary>
    public static Task WriteErrorAsync(HttpContext context, ApiException error)
    {
        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.IsFinal)
        {
            context.Response.Headers["x-should-retry"] = "false";
        }

        return WriteAsync(context, BodyOf(error), WireJson.Default.ErrorBody, error.Status);
    }

    /// <summary>An error's body.</summary>
    public static ErrorBody BodyOf(ApiException error) => new(new ErrorDetail(error.Message, error.Type) { Param = error.Param, Code = error.Code });
}
