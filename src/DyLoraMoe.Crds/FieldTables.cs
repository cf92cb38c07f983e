using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Crds;

/// <summary>The tables of a kind's fields in its page of the reference, between two marks each.</summary>
public static class FieldTables
{
    // Whole pages of Kubernetes' own, which Kubernetes describes better.
    private const string AsInAPod = "affinity";

    /// <summary>Name of the page of a kind.</summary>
    /// <param name="kind">Class of the kind.</param>
    public static string PageOf(Type kind) => kind.Name.ToLowerInvariant() + ".md";

    /// <summary>A page with its tables written anew.</summary>
    /// <param name="page">The page's text.</param>
    /// <param name="kind">Class of the kind.</param>
    /// <exception cref="InvalidDataException">The page lacks a mark.</exception>
    public static string Renew(string page, Type kind)
    {
        var properties = Definitions.Of(kind)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!;
        foreach (var part in new[] { "spec", "status" })
        {
            var (start, end) = ($"<!-- {part}: written by make crds -->\n", $"<!-- end of {part} -->");
            var from = page.IndexOf(start, StringComparison.Ordinal);
            var to = page.IndexOf(end, StringComparison.Ordinal);
            if (from < 0 || to < from)
            {
                throw new InvalidDataException($"Expected '{start.Trim()}' and then '{end}' in the page of {kind.Name}; put both back, and the table goes between them.");
            }

            page = page[..(from + start.Length)] + Table(properties[part]!.AsObject(), withBounds: part == "spec") + page[to..];
        }

        return page;
    }

    private static string Table(JsonObject schema, bool withBounds)
    {
        var text = new StringBuilder(withBounds ? "| field | type | default | what it is |\n|---|---|---|---|\n" : "| field | type | what it is |\n|---|---|---|\n");
        Rows(text, schema, "", withBounds);
        return text.ToString();
    }

    private static void Rows(StringBuilder text, JsonObject schema, string path, bool withBounds)
    {
        var required = schema["required"]?.AsArray().Select(name => name!.GetValue<string>()).ToHashSet() ?? [];
        foreach (var (name, property) in (schema["properties"]?.AsObject() ?? []).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var field = property!.AsObject();
            var place = path + name;
            text.Append("| `").Append(place).Append("` | ").Append(TypeOf(field)).Append(" | ");
            if (withBounds)
            {
                text.Append(DefaultOf(field, required.Contains(name))).Append(" | ");
            }

            text.Append(Escaped(field["description"]!.GetValue<string>() + Bounds(field) + Rules(field))).Append(" |\n");
            if (name == AsInAPod)
            {
                continue;
            }

            Rows(text, field["items"] as JsonObject ?? field, place + (field["items"] is null ? "." : "[]."), withBounds);
        }
    }

    private static string TypeOf(JsonObject field) => field["type"]?.GetValue<string>() switch
    {
        null => "number or string",
        "array" => $"list of {TypeOf(field["items"]!.AsObject())}s",
        "object" when field["additionalProperties"] is JsonObject value => $"map of {TypeOf(value)}s",
        "string" when field["format"]?.GetValue<string>() == "date-time" => "time",
        var type => type,
    };

    private static string DefaultOf(JsonObject field, bool isRequired) => field["default"] switch
    {
        null => isRequired ? "**required**" : "",
        JsonObject => "",
        var value => $"`{(value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString())}`",
    };

    private static string Bounds(JsonObject field)
    {
        var text = new StringBuilder();
        if (field["enum"] is JsonArray values)
        {
            text.Append(" One of ").AppendJoin(", ", values.Select(value => $"`{value!.GetValue<string>()}`")).Append('.');
        }

        Range(text, field, "minimum", "maximum", "");
        Range(text, field, "minLength", "maxLength", " characters");
        Range(text, field, "minItems", "maxItems", " entries");
        Range(text, field, "", "maxProperties", " entries");
        if (field["pattern"] is { } pattern && field["format"] is null)
        {
            text.Append(" Pattern `").Append(pattern.GetValue<string>()).Append("`.");
        }

        return text.ToString();
    }

    private static void Range(StringBuilder text, JsonObject field, string least, string most, string unit)
    {
        var (from, to) = (Number(field[least]), Number(field[most]));
        if (from is not null && to is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" {from} to {to}{unit}.");
        }
        else if (from is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" At least {from}{unit}.");
        }
        else if (to is not null && field["pattern"]?.GetValue<string>().StartsWith("^sha256", StringComparison.Ordinal) != true)
        {
            text.Append(CultureInfo.InvariantCulture, $" At most {to}{unit}.");
        }
    }

    private static string Rules(JsonObject field)
    {
        var text = new StringBuilder();
        foreach (var rule in field["x-kubernetes-validations"]?.AsArray() ?? [])
        {
            text.Append(" *").Append(rule!["message"]!.GetValue<string>()).Append(".*");
        }

        return text.ToString();
    }

    // What no number of its size is beyond says nothing of the field.
    private static string? Number(JsonNode? node) => node is not null && double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture) is var number && number is not (int.MinValue or int.MaxValue or -SchemaCompletion.LargestLong or SchemaCompletion.LargestLong)
        ? number.ToString("#,0", CultureInfo.InvariantCulture)
        : null;

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
