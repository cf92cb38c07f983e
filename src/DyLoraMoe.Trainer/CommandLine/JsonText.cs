using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>JSON as this program writes and reads it: snake_case names, words for enumerations, and no name that means nothing.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions _line = new(_options) { WriteIndented = false };

    /// <summary>JSON on one line, without a line feed.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, _line);

    /// <summary>Indented JSON that ends with a line feed.</summary>
    public static string Of<T>(T value) => JsonSerializer.Serialize(value, _options) + "\n";

    /// <summary>A value as JSON.</summary>
    public static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, _options);

    /// <summary>A value from its JSON.</summary>
    public static T Parse<T>(JsonElement json) => json.Deserialize<T>(_options)!;

    /// <summary>Reads a file.</summary>
    /// <exception cref="UsageException">The file is missing, is not JSON, or has a name or value that means nothing.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), _options)
                ?? throw new UsageException($"{path} is empty, expected a JSON object.");
        }
        catch (JsonException error)
        {
            throw new UsageException($"{path}: {error.Message}");
        }
        catch (IOException error)
        {
            throw new UsageException($"{path} cannot be read: {error.Message}");
        }
    }
}
