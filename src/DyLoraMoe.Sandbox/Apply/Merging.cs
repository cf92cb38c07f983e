using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>Puts what a client applies into an object, and takes out what it no longer applies.</summary>
internal static class Merging
{
    /// <summary>The live value with everything that the applied one states.</summary>
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, Schema schema)
    {
        if (live is JsonObject before && applied is JsonObject after && !schema.AtomicMap)
        {
            JsonObject result = before.Copy();
            foreach ((string name, JsonNode? value) in after)
            {
                result[name] = result.TryGetPropertyValue(name, out JsonNode? old) ? Merge(old, value, Fields.Field(schema, name)) : value?.DeepClone();
            }

            return result;
        }

        if (live is JsonArray first && applied is JsonArray second && schema.ListType != ListType.Atomic)
        {
            return MergeLists(first, second, schema);
        }

        return applied?.DeepClone();
    }

    /// <summary>Removes from <paramref name="value"/>, in place, what <paramref name="last"/> has and <paramref name="keep"/> has not.</summary>
    public static void Remove(JsonNode? value, Schema schema, FieldSet last, FieldSet keep)
    {
        if (value is JsonObject item && !schema.AtomicMap)
        {
            foreach ((string step, FieldSet child) in last.Children)
            {
                string name = step[2..];
                if (!step.StartsWith("f:", StringComparison.Ordinal) || !item.TryGetPropertyValue(name, out JsonNode? inner))
                {
                    continue;
                }

                if (keep.Find(step) is { IsEmpty: false } kept)
                {
                    Remove(inner, Fields.Field(schema, name), child, kept);
                }
                else
                {
                    item.Remove(name);
                }
            }
        }
        else if (value is JsonArray array && schema.ListType != ListType.Atomic)
        {
            for (int at = array.Count - 1; at >= 0; at--)
            {
                string step = Fields.Step(array[at], schema);
                if (last.Find(step) is not { } child)
                {
                    continue;
                }

                if (keep.Find(step) is { IsEmpty: false } kept)
                {
                    Remove(array[at], schema.Items ?? Schema.Any, child, kept);
                }
                else
                {
                    array.RemoveAt(at);
                }
            }
        }
    }

    /// <summary>Items that are only live keep their place before the applied item that follows them; the applied ones come in their order.</summary>
    private static JsonArray MergeLists(JsonArray live, JsonArray applied, Schema schema)
    {
        Schema items = schema.Items ?? Schema.Any;
        Dictionary<string, JsonNode?> old = Fields.Keyed(live, schema);
        List<string> order = [.. applied.Select(item => Fields.Step(item, schema))];
        HashSet<string> stated = [.. order];
        JsonArray result = [];
        int next = 0;
        foreach (JsonNode? item in live)
        {
            string step = Fields.Step(item, schema);
            if (!stated.Contains(step))
            {
                result.Add(item?.DeepClone());
                continue;
            }

            int at = order.IndexOf(step);
            for (; next <= at; next++)
            {
                Place(next);
            }
        }

        for (; next < order.Count; next++)
        {
            Place(next);
        }

        return result;

        void Place(int at) => result.Add(old.TryGetValue(order[at], out JsonNode? before) ? Merge(before, applied[at], items) : applied[at]?.DeepClone());
    }
}
