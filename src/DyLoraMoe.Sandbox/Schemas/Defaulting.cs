using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>Fills absent fields with the schema's defaults.</summary>
internal static class Defaulting
{
    /// <summary>Fills in place. Objects that are absent stay absent unless they have a default of their own.</summary>
    public static void Fill(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject item:
                foreach ((string name, Schema field) in schema.Properties)
                {
                    if (field.Default is not null && (!item.TryGetPropertyValue(name, out JsonNode? value) || (value is null && !field.Nullable)))
                    {
                        item[name] = field.Default.DeepClone();
                    }
                }

                foreach ((string name, JsonNode? value) in item)
                {
                    if (schema.Field(name) is { } field)
                    {
                        Fill(value, field);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                foreach (JsonNode? value in array)
                {
                    Fill(value, items);
                }

                break;
        }
    }
}
