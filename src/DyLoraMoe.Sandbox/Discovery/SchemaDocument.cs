using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Discovery;

/// <summary>Writes schemas as OpenAPI, with named definitions put aside and referred to.</summary>
internal sealed class SchemaDocument(string prefix, bool swagger)
{
    private readonly Dictionary<string, Schema> _waiting = new(StringComparer.Ordinal);

    /// <summary>The definitions that were written or referred to.</summary>
    public JsonObject Definitions { get; } = [];

    /// <summary>Adds a definition and all that it refers to.</summary>
    public void Add(string name, Schema schema, JsonArray? kinds)
    {
        JsonObject definition = Body(schema);
        if (kinds is not null)
        {
            definition["x-kubernetes-group-version-kind"] = kinds;
        }

        Definitions[name] = definition;
        while (_waiting.Count > 0)
        {
            (string next, Schema below) = _waiting.First();
            _waiting.Remove(next);
            if (!Definitions.ContainsKey(next))
            {
                Definitions[next] = new JsonObject();
                Definitions[next] = Body(below);
            }
        }
    }

    private JsonObject Write(Schema schema)
    {
        if (schema.Definition.Length == 0)
        {
            return Body(schema);
        }

        if (!Definitions.ContainsKey(schema.Definition))
        {
            _waiting[schema.Definition] = schema;
        }

        JsonObject reference = new() { ["$ref"] = prefix + schema.Definition };
        return swagger ? reference : new JsonObject { ["allOf"] = new JsonArray(reference) };
    }

    private JsonObject Body(Schema schema)
    {
        JsonObject result = [];
        if (schema.Description.Length > 0)
        {
            result["description"] = schema.Description;
        }

        if (schema.Type.Length > 0)
        {
            result["type"] = schema.Type;
        }
        else if (schema.IntOrString)
        {
            if (swagger)
            {
                result["type"] = "string";
            }
            else
            {
                result["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
            }
        }

        if (schema.Format.Length > 0)
        {
            result["format"] = schema.Format;
        }

        if (schema.Properties.Count > 0)
        {
            result["properties"] = new JsonObject(schema.Properties.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Key, Write(field.Value))));
        }

        if (schema.Required.Count > 0)
        {
            result["required"] = new JsonArray([.. schema.Required.Order(StringComparer.Ordinal).Select(name => (JsonNode?)name)]);
        }

        if (schema.AdditionalProperties is { } values)
        {
            result["additionalProperties"] = Write(values);
        }

        if (schema.Items is { } items)
        {
            result["items"] = Write(items);
        }

        Limits(schema, result);
        Extensions(schema, result);
        if (result.Count == 0)
        {
            // Anything at all. Clients such as kubectl explain take an empty schema for a missing one.
            result["x-kubernetes-preserve-unknown-fields"] = true;
        }

        return result;
    }

    private static void Limits(Schema schema, JsonObject result)
    {
        void Put(string name, JsonNode? value)
        {
            if (value is not null)
            {
                result[name] = value;
            }
        }

        Put("default", schema.Default?.DeepClone());
        Put("enum", schema.Enum is { } allowed ? new JsonArray([.. allowed.Select(value => value?.DeepClone())]) : null);
        Put("pattern", schema.PatternText.Length > 0 ? schema.PatternText : null);
        Put("minimum", schema.Minimum);
        Put("maximum", schema.Maximum);
        Put("minLength", schema.MinLength);
        Put("maxLength", schema.MaxLength);
        Put("minItems", schema.MinItems);
        Put("maxItems", schema.MaxItems);
    }

    private static void Extensions(Schema schema, JsonObject result)
    {
        if (schema.PreserveUnknown && schema.Type.Length > 0)
        {
            result["x-kubernetes-preserve-unknown-fields"] = true;
        }

        if (schema.IsArray)
        {
            result["x-kubernetes-list-type"] = schema.ListType switch { ListType.Map => "map", ListType.Set => "set", _ => "atomic" };
            if (schema.ListType == ListType.Map)
            {
                result["x-kubernetes-list-map-keys"] = new JsonArray([.. schema.ListKeys.Select(key => (JsonNode?)key)]);
            }
        }

        if (schema.AtomicMap)
        {
            result["x-kubernetes-map-type"] = "atomic";
        }

        if (schema.PatchMergeKey.Length > 0)
        {
            result["x-kubernetes-patch-merge-key"] = schema.PatchMergeKey;
        }

        if (schema.PatchStrategy.Length > 0)
        {
            result["x-kubernetes-patch-strategy"] = schema.PatchStrategy;
        }
    }
}
