using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Kubectl.Output;

/// <summary>Writes JSON as YAML that people read: maps and lists as blocks, text of several lines as it is, and other text in quotes where it must.</summary>
internal static class YamlText
{
    private static readonly JsonSerializerOptions _quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of documents.</summary>
    public static string Of(params IEnumerable<JsonObject> documents) => string.Join("---\n", documents.Select(document =>
    {
        var text = new StringBuilder();
        WriteMap(text, document, 0);
        return text.ToString();
    }));

    private static void WriteMap(StringBuilder text, JsonObject map, int indent)
    {
        foreach (var (key, value) in map)
        {
            text.Append(' ', indent).Append(Word(key)).Append(':');
            WriteValue(text, value, indent);
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                WriteMap(text, map, indent + 2);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (var item in list)
                {
                    text.Append(' ', indent + 2).Append('-');
                    WriteValue(text, item, indent + 2);
                }

                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                WriteText(text, scalar.GetValue<string>(), indent + 2);
                break;
            default:
                text.Append(' ').Append(value?.ToJsonString() ?? "null").Append('\n');
                break;
        }
    }

    private static void WriteText(StringBuilder text, string value, int indent)
    {
        if (!value.Contains('\n', StringComparison.Ordinal) || !value.All(IsPrintable))
        {
            text.Append(' ').Append(Word(value)).Append('\n');
            return;
        }

        // The indicator, since the first line may begin with spaces; and whether, and how often, the text ends with a line.
        text.Append(" |2").Append(value.EndsWith('\n') ? value.EndsWith("\n\n", StringComparison.Ordinal) ? "+" : "" : "-").Append('\n');
        foreach (var line in (value.EndsWith('\n') ? value[..^1] : value).Split('\n'))
        {
            text.Append(' ', line.Length > 0 ? indent : 0).Append(line).Append('\n');
        }
    }

    private static bool IsPrintable(char sign) => sign is '\n' or '\t' || (sign >= ' ' && sign is not ('\u007f' or '\u0085' or '\u2028' or '\u2029' or '\uFEFF') && !char.IsSurrogate(sign) && !char.IsControl(sign));

    // Letters alone could still be true, null or a date: those are the only plain words that are anything but text.
    private static string Word(string value) =>
        value.Length > 0 && char.IsAsciiLetter(value[0]) && value.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '.' or '/' or '_')
        && value.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n")
            ? value
            : JsonSerializer.Serialize(value, _quoted);
}
