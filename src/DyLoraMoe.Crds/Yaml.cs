using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Crds;

/// <summary>JSON as YAML in blocks, the keys in order, so that equal documents have equal texts.</summary>
internal static partial class Yaml
{
    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] _words = ["true", "false", "null", "yes", "no", "on", "off"];

    public static string Write(JsonObject document)
    {
        var text = new StringBuilder("---\n");
        Object(text, document, 0);
        return text.ToString();
    }

    private static void Object(StringBuilder text, JsonObject value, int indent, bool firstInline = false)
    {
        foreach (var (key, child) in value.Where(entry => entry.Value is not null).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            text.Append(' ', firstInline ? 0 : indent).Append(Scalar(key)).Append(':');
            firstInline = false;
            Child(text, child!, indent);
        }
    }

    private static void Child(StringBuilder text, JsonNode child, int indent)
    {
        switch (child)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                Object(text, map, indent + 2);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                List(text, list, indent);
                break;
            default:
                text.Append(' ').Append(Leaf(child)).Append('\n');
                break;
        }
    }

    private static void List(StringBuilder text, JsonArray list, int indent)
    {
        foreach (var item in list)
        {
            text.Append(' ', indent).Append("- ");
            if (item is JsonObject { Count: > 0 } map)
            {
                Object(text, map, indent + 2, firstInline: true);
            }
            else
            {
                text.Append(Leaf(item!)).Append('\n');
            }
        }
    }

    private static string Leaf(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.String => Scalar(node.GetValue<string>()),
        JsonValueKind.Number => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        _ => node.ToJsonString(_relaxed),
    };

    private static string Scalar(string value) =>
        Plain().IsMatch(value) && !_words.Contains(value, StringComparer.OrdinalIgnoreCase) ? value : JsonSerializer.Serialize(value, _relaxed);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9 .,;_/()'+-]*[A-Za-z0-9.)]\z")]
    private static partial Regex Plain();
}
