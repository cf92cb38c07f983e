using Microsoft.Net.Http.Headers;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>In which form a client wants objects.</summary>
internal enum ObjectForm
{
    /// <summary>As they are.</summary>
    Whole,

    /// <summary>As rows of a table.</summary>
    Table,

    /// <summary>Their metadata.</summary>
    Partial,
}

/// <summary>Media types of requests and answers.</summary>
internal static class MediaTypes
{
    /// <summary>JSON.</summary>
    public const string Json = "application/json";

    /// <summary>The form that the client takes first among those served here.</summary>
    public static ObjectForm Negotiate(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0)
        {
            return ObjectForm.Whole;
        }

        foreach (string part in request.Headers.Accept.SelectMany(line => (line ?? "").Split(',')))
        {
            if (!MediaTypeHeaderValue.TryParse(part.Trim(), out MediaTypeHeaderValue? type)
                || !(type.MatchesAllTypes || type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/*", StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            string? form = Parameter(type, "as");
            bool meta = Parameter(type, "g") == "meta.k8s.io" && Parameter(type, "v") == "v1";
            switch (form)
            {
                case null:
                    return ObjectForm.Whole;
                case "Table" when meta:
                    return ObjectForm.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when meta:
                    return ObjectForm.Partial;
            }
        }

        throw ApiException.NotAcceptable();
    }

    /// <summary>A parameter of a media type.</summary>
    public static string? Parameter(MediaTypeHeaderValue type, string name) =>
        type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value;
}
