using System.Text.Json;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Api;

/// <summary>How the documents between the operator, its jobs and the router are written: camelCase, enums by name, nothing for null.</summary>
public static class ContractJson
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        NumberHandling = JsonNumberHandling.Strict,
        AllowTrailingCommas = false,
    };

    /// <summary>The document's text, on one line; equal documents have equal texts.</summary>
    /// <param name="document">The document.</param>
    public static string Write<T>(T document) => JsonSerializer.Serialize(document, _options);

    /// <summary>Reads a document.</summary>
    /// <param name="text">Its text.</param>
    /// <exception cref="InvalidDataException">The text is no such document.</exception>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, _options) ?? throw new InvalidDataException($"Expected a {typeof(T).Name} as JSON, found null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"Expected a {typeof(T).Name} as JSON: {error.Message}", error);
        }
    }
}
