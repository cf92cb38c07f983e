using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Protobuf;
using YamlDotNet.Core;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Reads bodies.</summary>
internal static class RequestBody
{
    private const int Largest = 3 << 20;
    private static readonly string[] Accepted = [MediaTypes.Json, "application/yaml", ProtobufObject.MediaType];

    /// <summary>The media type without parameters.</summary>
    public static string Type(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>The body as an object, in JSON, YAML or protobuf; an empty one as null.</summary>
    public static async Task<JsonObject?> ObjectAsync(HttpRequest request, List<string>? duplicates = null)
    {
        string type = Type(request);
        if (type.Length > 0 && !Accepted.Contains(type))
        {
            throw ApiException.UnsupportedMediaType(type, Accepted);
        }

        return await NodeAsync(request, type, duplicates).ConfigureAwait(false) switch
        {
            null => null,
            JsonObject item => item,
            _ => throw ApiException.BadRequest("couldn't get version/kind; json parse error: json: cannot unmarshal the body into Go value of type struct"),
        };
    }

    /// <summary>The body as any value; YAML when the media type says so. <paramref name="duplicates"/> gets what is to be said of names that come twice, of which the last counts.</summary>
    public static async Task<JsonNode?> NodeAsync(HttpRequest request, string type, List<string>? duplicates = null)
    {
        using MemoryStream content = new();
        byte[] buffer = new byte[16384];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > Largest)
            {
                throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Largest}");
            }
        }

        if (content.Length == 0)
        {
            return null;
        }

        byte[] bytes = content.ToArray();
        if (type == ProtobufObject.MediaType)
        {
            return FromProtobuf(bytes);
        }

        try
        {
            if (type.Contains("yaml", StringComparison.Ordinal) && !IsJson(bytes))
            {
                return YamlText.Parse(Encoding.UTF8.GetString(bytes), duplicates ?? []) is [var first, ..] ? first : null;
            }

            List<string> twice = [];
            JsonNode? node = JsonText.Parse(bytes, twice);
            duplicates?.AddRange(twice.Select(field => $"duplicate field \"{field}\""));
            return node;
        }
        catch (Exception error) when (error is JsonException or YamlException or InvalidOperationException)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {(type.Contains("yaml", StringComparison.Ordinal) ? "yaml" : "json")}): {error.Message}");
        }
    }

    /// <summary>Clients send JSON as YAML, which it is; its parser is faster. Flow YAML begins like it.</summary>
    private static bool IsJson(byte[] bytes)
    {
        Utf8JsonReader reader = new(bytes);
        try
        {
            return bytes[0] == '{' && reader.Read() && reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonObject FromProtobuf(byte[] bytes)
    {
        try
        {
            return ProtobufObject.Read(bytes);
        }
        catch (FormatException error)
        {
            throw new ApiException(415, "UnsupportedMediaType", $"the body of the request cannot be read: {error.Message}");
        }
    }
}
