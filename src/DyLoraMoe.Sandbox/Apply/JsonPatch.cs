using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386).</summary>
internal static class JsonPatch
{
    /// <summary>Runs the operations of a JSON Patch.</summary>
    /// <exception cref="FormatException">The patch is malformed, or cannot be applied.</exception>
    public static JsonNode? Run(JsonNode target, JsonArray operations)
    {
        JsonNode root = new JsonObject { ["root"] = target.DeepClone() };
        foreach (JsonNode? operation in operations)
        {
            string path = operation.Text("path") ?? throw new FormatException("expected a path in each operation of a JSON patch");
            switch (operation.Text("op"))
            {
                case "add":
                    Add(root, path, operation.At("value"));
                    break;
                case "remove":
                    Take(root, path);
                    break;
                case "replace":
                    Replace(root, path, operation.At("value"));
                    break;
                case "move":
                    Add(root, path, Take(root, operation.Text("from") ?? ""));
                    break;
                case "copy":
                    Add(root, path, Read(root, operation.Text("from") ?? "", absent: true));
                    break;
                case "test":
                    if (!Read(root, path, absent: operation.At("value") is null).Same(operation.At("value")))
                    {
                        throw new FormatException($"testing value {path} failed");
                    }

                    break;
                default:
                    throw new FormatException($"Unexpected kind: {operation.Text("op")}");
            }
        }

        return root["root"]?.DeepClone();
    }

    /// <summary>The target after a merge patch.</summary>
    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        JsonObject result = target is JsonObject old ? old.Copy() : [];
        foreach ((string name, JsonNode? value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name], value);
            }
        }

        return result;
    }

    private static string[] Steps(string path) => path.Length == 0
        ? ["root"]
        : path[0] == '/'
            ? ["root", .. path[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
            : throw new FormatException($"expected a path that starts with '/', found '{path}'");

    private static (JsonNode Parent, string Last) Parent(JsonNode root, string path)
    {
        string[] steps = Steps(path);
        JsonNode node = root;
        foreach (string step in steps[..^1])
        {
            node = Child(node, step) ?? throw new FormatException($"doc is missing path: \"{path}\": missing value");
        }

        return (node, steps[^1]);
    }

    private static JsonNode? Child(JsonNode node, string step) => node switch
    {
        JsonObject item => item[step],
        JsonArray array => Index(step, array.Count) is var at && at < array.Count ? array[at] : null,
        _ => null,
    };

    private static int Index(string step, int count) => step == "-" ? count
        : int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int at) ? at : throw new FormatException($"expected an index, found '{step}'");

    /// <summary>The value at a path; one that an object has not is null where that may be.</summary>
    private static JsonNode? Read(JsonNode root, string path, bool absent = false)
    {
        (JsonNode parent, string last) = Parent(root, path);
        bool there = parent is JsonObject item ? item.ContainsKey(last) : parent is JsonArray array && Index(last, array.Count) < array.Count;
        return there || (absent && parent is JsonObject) ? Child(parent, last) : throw new FormatException($"{path}: missing key: missing value");
    }

    // The real server's library sets a field of an object that is not there yet.
    private static void Replace(JsonNode root, string path, JsonNode? value)
    {
        (JsonNode parent, string last) = Parent(root, path);
        switch (parent)
        {
            case JsonArray array when Index(last, array.Count) is var at && at < array.Count:
                array[at] = value?.DeepClone();
                break;
            case JsonObject item:
                item[last] = value?.DeepClone();
                break;
            default:
                throw new FormatException($"cannot replace at '{path}'");
        }
    }

    private static void Add(JsonNode root, string path, JsonNode? value)
    {
        (JsonNode parent, string last) = Parent(root, path);
        switch (parent)
        {
            case JsonObject item:
                item[last] = value?.DeepClone();
                break;
            case JsonArray array when Index(last, array.Count) is var at && at <= array.Count:
                array.Insert(at, value?.DeepClone());
                break;
            default:
                throw new FormatException($"cannot add at '{path}'");
        }
    }

    private static JsonNode? Take(JsonNode root, string path)
    {
        JsonNode? value = Read(root, path)?.DeepClone();
        (JsonNode parent, string last) = Parent(root, path);
        if (parent is JsonArray array)
        {
            array.RemoveAt(Index(last, array.Count));
        }
        else
        {
            ((JsonObject)parent).Remove(last);
        }

        return value;
    }
}
