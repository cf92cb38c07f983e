using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Cel;

/// <summary>Values as expressions see them.</summary>
internal static class CelValues
{
    /// <summary>A value by its schema: dates and durations have their own types.</summary>
    public static object? Of(JsonNode? node, Schema schema) => node switch
    {
        null => null,
        JsonObject item => item.ToDictionary(pair => pair.Key, pair => Of(pair.Value, schema.Field(pair.Key) ?? Schema.Any)),
        JsonArray array => array.Select(item => Of(item, schema.Items ?? Schema.Any)).ToArray(),
        _ => Scalar(node, schema),
    };

    private static object? Scalar(JsonNode node, Schema schema) => node.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => schema.Type != "number" && node.IsWhole() ? (object)node.ToWhole() : node.ToDouble(),
        _ when schema.Format == "date-time" && DateTimeOffset.TryParse(node.Text(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) => time,
        _ => node.Text(),
    };
}
