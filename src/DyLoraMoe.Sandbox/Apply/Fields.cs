using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>Finds the fields of values: those they have, and those that differ.</summary>
internal static class Fields
{
    /// <summary>Whether the value has parts that are owned one by one.</summary>
    public static bool IsGranular(JsonNode? node, Schema schema) => node switch
    {
        JsonObject => !schema.AtomicMap,
        JsonArray => schema.ListType != ListType.Atomic,
        _ => false,
    };

    /// <summary>The schema of a field; what is not described is of any shape.</summary>
    public static Schema Field(Schema schema, string name) => schema.Field(name) ?? Schema.Any;

    /// <summary>The step to an item of a list.</summary>
    public static string Step(JsonNode? item, Schema list)
    {
        if (list.ListType == ListType.Set)
        {
            return "v:" + JsonText.String(item);
        }

        JsonObject key = [];
        foreach (string name in list.ListKeys.Order(StringComparer.Ordinal))
        {
            JsonNode? value = item.At(name) ?? list.Items?.Field(name)?.Default ?? (name == "protocol" ? JsonValue.Create("TCP") : null);
            if (value is not null)
            {
                key[name] = value.DeepClone();
            }
        }

        return "k:" + JsonText.String(key);
    }

    /// <summary>The fields that a value states.</summary>
    public static FieldSet Of(JsonNode? node, Schema schema)
    {
        FieldSet set = new();
        if (!IsGranular(node, schema))
        {
            set.Member = true;
            return set;
        }

        if (node is JsonObject item)
        {
            foreach ((string name, JsonNode? value) in item)
            {
                FieldSet child = Of(value, Field(schema, name));
                child.Member |= value is null or JsonObject { Count: 0 } || !schema.Properties.ContainsKey(name);
                set.Children["f:" + name] = child;
            }
        }
        else if (node is JsonArray array)
        {
            foreach (JsonNode? value in array)
            {
                FieldSet child = Of(value, schema.Items ?? Schema.Any);
                child.Member = true;
                set.Children[Step(value, schema)] = child;
            }
        }

        return set;
    }

    /// <summary>The fields that are new or changed in <paramref name="after"/>, and those that are gone.</summary>
    public static void Compare(JsonNode? before, JsonNode? after, Schema schema, FieldSet changed, FieldSet removed)
    {
        if (before.Same(after))
        {
            return;
        }

        if (before is JsonObject left && after is JsonObject right && !schema.AtomicMap)
        {
            foreach (string name in left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key), StringComparer.Ordinal))
            {
                Part(left.TryGetPropertyValue(name, out JsonNode? old), old, right.TryGetPropertyValue(name, out JsonNode? now), now,
                    Field(schema, name), "f:" + name, changed, removed);
            }

            return;
        }

        if (before is JsonArray first && after is JsonArray second && schema.ListType != ListType.Atomic)
        {
            Dictionary<string, JsonNode?> old = Keyed(first, schema), now = Keyed(second, schema);
            foreach (string step in old.Keys.Union(now.Keys, StringComparer.Ordinal))
            {
                Part(old.TryGetValue(step, out JsonNode? was), was, now.TryGetValue(step, out JsonNode? @is), @is, schema.Items ?? Schema.Any, step, changed, removed);
            }

            return;
        }

        changed.Member = true;
        if (IsGranular(after, schema))
        {
            changed.Add(Everything(after, schema));
        }
    }

    /// <summary>The items of a list by their steps.</summary>
    public static Dictionary<string, JsonNode?> Keyed(JsonArray array, Schema schema)
    {
        Dictionary<string, JsonNode?> items = new(StringComparer.Ordinal);
        foreach (JsonNode? item in array)
        {
            items[Step(item, schema)] = item;
        }

        return items;
    }

    private static void Part(
        bool had, JsonNode? old, bool has, JsonNode? now, Schema schema, string step, FieldSet changed, FieldSet removed)
    {
        if (had && has)
        {
            FieldSet inner = new(), gone = new();
            Compare(old, now, schema, inner, gone);
            Put(changed, step, inner);
            Put(removed, step, gone);
        }
        else
        {
            Put(had ? removed : changed, step, Everything(had ? old : now, schema));
        }
    }

    private static void Put(FieldSet set, string step, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            set.Children[step] = child;
        }
    }

    /// <summary>The fields of a value that is there or is not, with everything on the way to them.</summary>
    private static FieldSet Everything(JsonNode? node, Schema schema)
    {
        FieldSet set = Of(node, schema);
        AllMembers(set);
        return set;
    }

    private static void AllMembers(FieldSet set)
    {
        set.Member = true;
        foreach (FieldSet child in set.Children.Values)
        {
            AllMembers(child);
        }
    }
}
