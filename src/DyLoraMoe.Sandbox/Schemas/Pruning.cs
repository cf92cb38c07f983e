using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>Removes what a schema does not describe, and nulls where null is no value.</summary>
internal static class Pruning
{
    /// <summary>Prunes in place.</summary>
    /// <param name="node">The value.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="unknown">Gets the path of every field that was removed because it is not described.</param>
    public static void Prune(JsonNode? node, Schema schema, List<string>? unknown = null) => Prune(node, schema, "", unknown);

    private static void Prune(JsonNode? node, Schema schema, string path, List<string>? unknown)
    {
        switch (node)
        {
            case JsonObject item:
                Prune(item, schema, path, unknown);
                break;
            case JsonArray array when schema.Items is { } items:
                for (int at = 0; at < array.Count; at++)
                {
                    Prune(array[at], items, unknown is null ? "" : $"{path}[{at}]", unknown);
                }

                break;
        }
    }

    private static void Prune(JsonObject item, Schema schema, string path, List<string>? unknown)
    {
        if (schema.Type.Length == 0 && !schema.IntOrString && schema.Properties.Count == 0)
        {
            return;
        }

        List<string> gone = [];
        foreach ((string name, JsonNode? value) in item)
        {
            string inner = unknown is null ? "" : path.Length == 0 ? name : $"{path}.{name}";
            Schema? field = schema.Field(name);
            if (field is not null)
            {
                if (value is null && !field.Nullable && !ReferenceEquals(field, Schema.Any) && field.Type.Length > 0)
                {
                    gone.Add(name);
                }

                Prune(value, field, inner, unknown);
            }
            else if (!schema.PreserveUnknown && !(schema.EmbeddedResource && name is "apiVersion" or "kind" or "metadata"))
            {
                unknown?.Add(inner);
                gone.Add(name);
            }
        }

        gone.ForEach(name => item.Remove(name));
    }
}
