using DyLoraMoe.Router.Endpoints;

namespace DyLoraMoe.Router.Limits;

/// <summary>Asks for a key on everything below <c>/v1</c>.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/v1"))
        {
            return next(context);
        }

        var header = context.Request.Headers.Authorization.ToString();
        var name = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? keys.NameOf(header[Scheme.Length..].Trim()) : null;
        if (name is null)
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
                return Task.CompletedTask;
            });
            throw new ApiException(401, "invalid_request_error", header.Length == 0
                ? "An API key is missing. Send it as 'Authorization: Bearer KEY'."
                : "The API key is not known here.", code: "invalid_api_key");
        }

        Clients.Note(context, name);
        return next(context);
    }
}
