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
}
