using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>The columns of a custom resource: those of its definition, with the name first, and the age when it names none.</summary>
internal static class JsonPathColumns
{
    /// <summary>The name column that every table starts with.</summary>
    public static Column Name { get; } = new("Name", (item, _) => item.Text("metadata", "name"), Format: "name", Description: "Name must be unique within a namespace.");

    /// <summary>The age column.</summary>
    public static Column Age { get; } = new("Age", (item, now) => Ages.Since(item.Text("metadata", "creationTimestamp"), now),
        Description: "CreationTimestamp is a timestamp representing the server time when this object was created.");

    /// <summary>Reads <c>additionalPrinterColumns</c>.</summary>
    public static IReadOnlyList<Column> Of(IList<JsonNode?> definitions)
    {
        if (definitions.Count == 0)
        {
            return [Name, Age with { Type = "date", Value = (item, _) => item.Text("metadata", "creationTimestamp") is { } at ? at : null }];
        }

        return [Name, .. definitions.Select(definition =>
        {
            JsonPath path = JsonPath.Parse(definition.Text("jsonPath") ?? "");
            string type = definition.Text("type") ?? "string";
            return new Column(definition.Text("name") ?? "", (item, now) => Cell(path, type, item, now), type,
                (int)(definition.Whole("priority") ?? 0), definition.Text("description") ?? "", definition.Text("format") ?? "");
        })];
    }

    private static JsonNode? Cell(JsonPath path, string type, JsonObject item, DateTimeOffset now)
    {
        List<JsonNode> found = [.. path.Select(item)];
        if (found.Count == 0)
        {
            return null;
        }

        JsonNode first = found[0];
        return type switch
        {
            "integer" => first.IsNumber() ? first.ToWhole() : null,
            "number" => first.IsNumber() ? first.ToDouble() : null,
            "boolean" => first.Flag(),
            "date" => first.Text() is { } at ? Ages.Since(at, now) : null,
            _ => string.Join(',', found.Select(value => value.Text() ?? JsonText.String(value))),
        };
    }
}
