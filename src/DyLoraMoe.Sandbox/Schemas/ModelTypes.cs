using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>
/// Finds the first value that the real API server, which is written in Go, could not read into the type of a built-in kind, and words it as its
/// decoder does. A null among the values of a map or list becomes the zero of their type, as it does there.
/// </summary>
internal static class ModelTypes
{
    private const string BadQuantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    /// <summary>What is wrong with an object of a type, or null.</summary>
    /// <param name="item">The object.</param>
    /// <param name="schema">The schema of its type.</param>
    /// <param name="type">The name of its type.</param>
    public static string? Wrong(JsonObject item, Schema schema, string type) => WrongField(item, schema, type, "");

    private static string? WrongField(JsonObject item, Schema schema, string type, string path)
    {
        foreach ((string name, JsonNode? value) in item)
        {
            if (value is not null && schema.Properties.TryGetValue(name, out Schema? field) && WrongValue(value, field, type, SchemaValidation.Below(path, name)) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private static string? WrongValue(JsonNode node, Schema schema, string owner, string path)
    {
        if (schema.Format == "quantity")
        {
            return Formats.Accept("quantity", node.Text() ?? node.ToJsonString()) && node is JsonValue && node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? null : BadQuantity;
        }

        string? refused = schema switch
        {
            { IntOrString: true } => node.GetValueKind() == JsonValueKind.String || IsWhole(node) ? null : "int32",
            { Type: "object" } => node is JsonObject ? null : GoName(schema),
            { Type: "array" } => node is JsonArray ? null : GoName(schema),
            { Type: "string" } => node.GetValueKind() == JsonValueKind.String ? null : GoName(schema),
            { Type: "integer" } => IsWhole(node) && (schema.Format != "int32" || node.ToWhole() is >= int.MinValue and <= int.MaxValue) ? null : GoName(schema),
            { Type: "number" } => node.IsNumber() ? null : GoName(schema),
            { Type: "boolean" } => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : GoName(schema),
            _ => null,
        };
        if (refused is not null)
        {
            return $"json: cannot unmarshal {Found(node, refused)} into Go struct field {owner}.{path} of type {refused}";
        }

        return node switch
        {
            JsonObject item when schema.AdditionalProperties is { } values => WrongItem(Replaced(item, values), values, owner, path),
            JsonObject item => WrongField(item, schema, schema.Definition.Length > 0 ? Last(schema.Definition) : owner, path),
            JsonArray array when schema.Items is { } items => WrongItem(Replaced(array, items), items, owner, path),
            _ => WrongText(node.Text(), schema.Format),
        };
    }

    private static string? WrongItem(IEnumerable<JsonNode?> values, Schema schema, string owner, string path) =>
        values.OfType<JsonNode>().Select(value => WrongValue(value, schema, owner, path)).FirstOrDefault(wrong => wrong is not null);

    private static string? WrongText(string? text, string format)
    {
        if (text is null || Formats.Accept(format, text))
        {
            return null;
        }

        return format switch
        {
            "byte" => $"illegal base64 data at input byte {text.TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/').Count()}",
            "date-time" => $"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"",
            _ => null,
        };
    }

    private static IEnumerable<JsonNode?> Replaced(JsonObject map, Schema values)
    {
        foreach (string name in map.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList())
        {
            map[name] = Zero(values);
        }

        return map.Select(pair => pair.Value);
    }

    private static JsonArray Replaced(JsonArray list, Schema items)
    {
        for (int at = 0; at < list.Count; at++)
        {
            list[at] ??= Zero(items);
        }

        return list;
    }

    private static JsonNode? Zero(Schema schema) => schema switch
    {
        { Format: "quantity" } => "0",
        { Type: "string" } => "",
        { Type: "integer" or "number" } or { IntOrString: true } => 0,
        { Type: "boolean" } => false,
        { Type: "object" } => new JsonObject(),
        _ => null,
    };

    // A number that was written with a fraction is held as one, whatever its value.
    private static bool IsWhole(JsonNode node) => node.IsNumber() && !(((JsonValue)node).TryGetValue(out double _) && !((JsonValue)node).TryGetValue(out long _));

    private static string Found(JsonNode node, string wanted) => node.GetValueKind() switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number => wanted is "int32" or "int64" ? $"number {Number(node)}" : "number",
        _ => SchemaValidation.KindName(node),
    };

    private static string Number(JsonNode node)
    {
        string text = node.ToJsonString();
        return IsWhole(node) || text.AsSpan().ContainsAny(".eE") ? text : text + ".0";
    }

    private static string GoName(Schema schema) => schema switch
    {
        { Type: "object", AdditionalProperties: { } values } => values.Format == "quantity" ? "v1.ResourceList" : $"map[string]{GoName(values)}",
        { Type: "object" } => string.Join('.', schema.Definition.Split('.')[^2..]),
        { Type: "array", Items: { } items } => "[]" + GoName(items),
        { Type: "string", Format: "byte" } => "[]uint8",
        { Type: "string" } => "string",
        { Type: "integer" } => schema.Format,
        { Type: "number" } => "float64",
        { Type: "boolean" } => "bool",
        _ => "interface {}",
    };

    private static string Last(string definition) => definition[(definition.LastIndexOf('.') + 1)..];
}
