using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>
/// Named values in the order they were added, printed as aligned lines for people or as JSON for programs. Both say the same.
/// </summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Name, JsonNode? Value, string Text)> _lines = [];

    /// <summary>Adds a value.</summary>
    /// <param name="name">Name in JSON, in snake_case; people see spaces.</param>
    /// <param name="value">The value for programs.</param>
    /// <param name="text">The value for people, when it reads better in another form.</param>
    public Report Add(string name, JsonNode? value, string? text = null)
    {
        _lines.Add((name, value, text ?? Plain(value)));
        return this;
    }

    /// <summary>Adds a list of words.</summary>
    public Report Add(string name, IEnumerable<string> words) =>
        Add(name, new JsonArray([.. words.Select(word => (JsonNode?)JsonValue.Create(word))]));

    /// <summary>Writes the report.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="asJson">JSON instead of lines.</param>
    public void WriteTo(TextWriter output, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(ToJson());
            return;
        }

        var width = _lines.Max(line => line.Name.Length) + 2;
        foreach (var (name, _, text) in _lines)
        {
            output.WriteLine(name.Replace('_', ' ').PadRight(width) + text);
        }
    }

    /// <summary>The report as an indented JSON object.</summary>
    public string ToJson() => ToNode().ToJsonString(_json);

    /// <summary>The report as a part of a larger one.</summary>
    public JsonObject ToNode() => new(_lines.Select(line => KeyValuePair.Create(line.Name, line.Value?.DeepClone())));

    /// <summary>A count with separators, as people read it.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A size in the unit that fits.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB"),
    };

    private static string Plain(JsonNode? value) => value switch
    {
        null => "none",
        JsonArray { Count: 0 } => "none",
        JsonArray items => string.Join(Plain(items[0]).EndsWith('.') ? " " : ", ", items.Select(Plain)),   // Sentences end by themselves.
        JsonValue flag when flag.GetValueKind() is JsonValueKind.True => "yes",
        JsonValue flag when flag.GetValueKind() is JsonValueKind.False => "no",
        _ => value.ToString(),
    };
}
