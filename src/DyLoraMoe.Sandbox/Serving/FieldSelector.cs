using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>A field selector, such as <c>metadata.name=x,status.phase!=Running</c>.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string[] Path, string Absent, string Value, bool Equal)> _conditions = [];

    private FieldSelector()
    {
    }

    /// <summary>Whether everything matches.</summary>
    public bool IsEmpty => _conditions.Count == 0;

    /// <summary>Reads a selector; only some fields of each kind can be selected by.</summary>
    public static FieldSelector Parse(string? text, ResourceKind kind)
    {
        FieldSelector selector = new();
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw ApiException.BadRequest($"invalid selector: '{part}'; can't understand '{part}'");
            }

            bool equal = part[at - 1] != '!';
            string field = part[..(equal ? at : at - 1)].Trim();
            string value = part[(at + 1)..].TrimStart('=').Trim();
            if (field is not ("metadata.name" or "metadata.namespace") && !kind.SelectableFields.Contains(field))
            {
                throw ApiException.BadRequest(kind.IsCustom || kind.SelectableFields.Count > 0
                    ? $"field label not supported: {field}"
                    : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
            }

            string[] path = Path(field);
            selector._conditions.Add((path, Absent(kind, path), value, equal));
        }

        return selector;
    }

    /// <summary>Whether an object's fields match.</summary>
    public bool Matches(JsonObject item) => _conditions.TrueForAll(condition =>
        (Text(item.At(condition.Path), condition.Absent) == condition.Value) == condition.Equal);

    /// <summary>Where a field stands that selectors know by another name.</summary>
    private static string[] Path(string field) => field switch
    {
        "source" => ["source", "component"],
        "status.successful" => ["status", "succeeded"],
        _ => field.Split('.'),
    };

    /// <summary>What a field is compared as where an object has it not: built-in numbers and flags have a value even then.</summary>
    private static string Absent(ResourceKind kind, string[] path)
    {
        Schema? schema = kind.IsCustom ? null : kind.Schema;
        foreach (string step in path)
        {
            schema = schema?.Field(step);
        }

        return schema?.Type switch { "integer" => "0", "boolean" => "false", _ => "" };
    }

    private static string Text(JsonNode? node, string absent) => node is null ? absent : node.Text() ?? JsonText.String(node);
}
