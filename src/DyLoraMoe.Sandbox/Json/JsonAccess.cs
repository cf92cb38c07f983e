using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Json;

/// <summary>Reads and writes values deep inside JSON objects. A missing step, or a step through a value that is no object, reads as absent.</summary>
internal static class JsonAccess
{
    /// <summary>The value at <paramref name="path"/>, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            node = node is JsonObject item && item.TryGetPropertyValue(step, out JsonNode? next) ? next : null;
        }

        return node;
    }

    /// <summary>The string at <paramref name="path"/>, or null when there is none.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The whole number at <paramref name="path"/>, or null when there is none.</summary>
    public static long? Whole(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is { } value && value.IsNumber() && value.ToDouble() is var number && number == Math.Floor(number)
            ? value.ToWhole() : null;

    /// <summary>The boolean at <paramref name="path"/>, or null when there is none.</summary>
    public static bool? Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path)?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    /// <summary>The object at <paramref name="path"/>, or null.</summary>
    public static JsonObject? Map(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    /// <summary>The items of the array at <paramref name="path"/>; none when there is no array.</summary>
    public static IList<JsonNode?> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? array : [];

    /// <summary>The strings of the array at <paramref name="path"/>.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Items(path).Select(item => item.Text()).OfType<string>();

    /// <summary>The string values of the object at <paramref name="path"/>, such as labels.</summary>
    public static Dictionary<string, string> Pairs(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach ((string key, JsonNode? value) in node.Map(path) ?? [])
        {
            if (value.Text() is { } text)
            {
                pairs[key] = text;
            }
        }

        return pairs;
    }

    /// <summary>The object at <paramref name="path"/>, made (with all above it) where it is absent.</summary>
    public static JsonObject Ensure(this JsonObject node, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (node[step] is not JsonObject next)
            {
                node[step] = next = [];
            }

            node = next;
        }

        return node;
    }

    /// <summary>Sets <paramref name="name"/> when it is absent or null.</summary>
    public static void Default(this JsonObject node, string name, JsonNode? value)
    {
        if (node[name] is null)
        {
            node[name] = value;
        }
    }

    /// <summary>Removes the value at <paramref name="path"/>, and says whether there was one.</summary>
    public static bool RemoveAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path[..^1]) is JsonObject parent && parent.Remove(path[^1]);

    /// <summary>Whether the node is a number.</summary>
    public static bool IsNumber(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number;

    /// <summary>Whether the node is a number written without a fraction.</summary>
    public static bool IsWhole(this JsonNode? node) => node.IsNumber() && node!.ToDouble() is var number && number == Math.Floor(number);

    /// <summary>A number as a double, however it is held.</summary>
    public static double ToDouble(this JsonNode node) =>
        double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A number as a long, however it is held.</summary>
    public static long ToWhole(this JsonNode node) =>
        long.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
            ? whole : (long)node.ToDouble();

    /// <summary>Whether two values are the same JSON.</summary>
    public static bool Same(this JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

    /// <summary>A copy that belongs to no parent.</summary>
    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();
}
