using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Json;

/// <summary>Parses JSON whole and at once, so that the nodes can be read by many threads, and writes objects in their canonical order.</summary>
internal static class JsonText
{
    private static readonly string[] Leading = ["apiVersion", "kind", "metadata"];
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>How deep a document may nest.</summary>
    public const int MaxDepth = 512;

    /// <summary>Parses a document; a name that comes twice in an object keeps its last value and is noted in <paramref name="duplicates"/>.</summary>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null)
    {
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        JsonNode? root = Value(ref reader, "", duplicates);
        if (reader.Read())
        {
            throw new JsonException("expected one JSON document, found more text after it");
        }

        return root;
    }

    /// <summary>Parses a document that is known to be an object.</summary>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) =>
        Parse(utf8) as JsonObject ?? throw new JsonException("expected a JSON object");

    /// <summary>The UTF-8 text of an object: apiVersion, kind and metadata first, then the rest in the order it has.</summary>
    public static byte[] Canonical(JsonObject node)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter writer = new(buffer, Compact);
        writer.WriteStartObject();
        foreach (string name in Leading)
        {
            if (node.TryGetPropertyValue(name, out JsonNode? value))
            {
                Property(writer, name, value);
            }
        }

        foreach ((string name, JsonNode? value) in node)
        {
            if (!Leading.Contains(name))
            {
                Property(writer, name, value);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The UTF-8 text of a node as it is.</summary>
    public static byte[] Bytes(JsonNode? node)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter writer = new(buffer, Compact);
        Write(writer, node);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text of a node as it is.</summary>
    public static string String(JsonNode? node) => System.Text.Encoding.UTF8.GetString(Bytes(node));

    private static void Property(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        Write(writer, value);
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                JsonObject item = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = reader.GetString()!;
                    string inner = duplicates is null ? "" : path.Length == 0 ? name : $"{path}.{name}";
                    reader.Read();
                    if (item.ContainsKey(name))
                    {
                        duplicates?.Add(inner);
                    }

                    item[name] = Value(ref reader, inner, duplicates);
                }

                return item;
            case JsonTokenType.StartArray:
                JsonArray array = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    array.Add(Value(ref reader, duplicates is null ? "" : $"{path}[{array.Count}]", duplicates));
                }

                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out long whole) ? JsonValue.Create(whole) : JsonValue.Create(reader.GetDouble());
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }
}
