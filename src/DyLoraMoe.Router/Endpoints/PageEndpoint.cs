namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>GET /</c>: a page to look at the experts and to talk to them. It is one file in this program and asks the same API as everybody.</summary>
internal static class PageEndpoint
{
    private static readonly Lazy<byte[]> _page = new(Read);

    /// <summary>Answers.</summary>
    public static Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = _page.Value.Length;
        response.Headers.CacheControl = "no-cache";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return response.Body.WriteAsync(_page.Value, context.RequestAborted).AsTask();
    }

    private static byte[] Read()
    {
        using var stream = typeof(PageEndpoint).Assembly.GetManifestResourceStream("page.html")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
