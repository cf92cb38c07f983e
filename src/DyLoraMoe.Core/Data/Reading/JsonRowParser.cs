using System.Text;
using System.Text.Json;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>Reads one JSON object into named values, without building a document.</summary>
internal static class JsonRowParser
{
    public static RowOrError Parse(ReadOnlySpan<byte> json, string file, long line)
    {
        if (!System.Text.Unicode.Utf8.IsValid(json))
        {
            return new DatasetException(file, line, "UTF-8 text", "bytes that are not; convert the file to UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new DatasetException(file, line, "a JSON object", Describe(json));
            }

            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (Value(ref reader, json) is { } value)
                {
                    fields[name] = value;
                }
            }

            if (reader.Read())
            {
                return new DatasetException(file, line, "one JSON object", Describe(json));
            }

            return new DataRow(file, line, fields);
        }
        catch (JsonException error)
        {
            return new DatasetException(file, line + (error.LineNumber ?? 0), "a JSON object", $"{Describe(json)} ({FirstSentence(error.Message)})", error);
        }
        catch (InvalidOperationException error)
        {
            return new DatasetException(file, line, "text that Unicode allows", "half of a surrogate pair in a JSON escape", error);
        }
    }

    public static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message.TrimEnd('.') : message[..end];
    }

    private static string? Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Null:
                return null;
            default:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                return Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]);
        }
    }

    private static string Describe(ReadOnlySpan<byte> json)
    {
        // Cutting bytes may halve a character, which the decoder then replaces; this is for an error message only.
        var text = Encoding.UTF8.GetString(json[..Math.Min(json.Length, 60)]).Trim();
        return text.Length == 0 ? "nothing" : $"'{text}{(json.Length > 60 ? "..." : string.Empty)}'";
    }
}
