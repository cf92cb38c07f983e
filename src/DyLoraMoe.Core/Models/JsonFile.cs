using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Core.Models;

/// <summary>Reads small JSON files that come from outside.</summary>
internal static class JsonFile
{
    /// <summary>Reads a JSON object of at most <paramref name="maximumBytes"/> bytes.</summary>
    /// <exception cref="ModelFormatException">The file is missing, too large, or not a JSON object.</exception>
    public static JsonObject ReadObject(string path, long maximumBytes)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new ModelFormatException($"{path} does not exist; expected a folder in Hugging Face layout");
        }

        if (file.Length > maximumBytes)
        {
            throw new ModelFormatException($"{path} has {file.Length} bytes, expected at most {maximumBytes}");
        }

        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject
                ?? throw new ModelFormatException($"{path}: expected a JSON object");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new ModelFormatException($"{path}: not valid JSON ({error.Message})", error);
        }
    }

    /// <summary>A number or flag; null where it is missing or null.</summary>
    /// <exception cref="ModelFormatException">It is something else; the message names the field, not the file.</exception>
    public static T? Value<T>(JsonObject json, string name, string expected)
        where T : struct => json[name] switch
        {
            null => null,
            JsonValue value when value.TryGetValue<T>(out var found) => found,
            _ => throw WrongType(json, name, expected),
        };

    /// <summary>The error for a field that is there and is not what it should be.</summary>
    public static ModelFormatException WrongType(JsonObject json, string name, string expected)
    {
        var found = json[name]?.ToJsonString() ?? "null";
        return new ModelFormatException($"'{name}' has the wrong type: expected {expected}, found {(found.Length <= 60 ? found : found[..57] + "...")}");
    }
}
