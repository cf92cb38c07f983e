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
    public static string TextOf(JsonElement text, string param)
    {
        try
        {
            return text.GetString()!;
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

        return WriteAsync(context, BodyOf(error), WireJson.Default.ErrorBody, error.Status);
    }

    /// <summary>An error's body.</summary>
    public static ErrorBody BodyOf(ApiException error) => new(new ErrorDetail(error.Message, error.Type) { Param = error.Param, Code = error.Code });
}
