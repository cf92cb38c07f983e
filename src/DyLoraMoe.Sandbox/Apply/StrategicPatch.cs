using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>Strategic merge patches: a merge patch in which lists merge by key, with directives.</summary>
internal static class StrategicPatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    /// <summary>The target after the patch.</summary>
    public static JsonObject Run(JsonObject target, JsonObject patch, Schema schema)
    {
        if (patch.Text(Directive) is { } directive)
        {
            JsonObject rest = patch.Copy();
            rest.Remove(Directive);
            return directive switch
            {
                "replace" => rest,
                "delete" => [],
                "merge" => Run(target, rest, schema),
                _ => throw new FormatException($"Unknown patch type \"{directive}\" in {Directive}"),
            };
        }

        JsonObject result = target.Copy();
        if (patch.ContainsKey(RetainKeys))
        {
            HashSet<string> kept = [.. patch.Texts(RetainKeys)];
            foreach (string name in result.Select(pair => pair.Key).Where(name => !kept.Contains(name)).ToList())
            {
                result.Remove(name);
            }
        }

        foreach ((string name, JsonNode? value) in patch)
        {
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal))
            {
                string list = name[DeletePrefix.Length..];
                if (result[list] is JsonArray array && value is JsonArray gone)
                {
                    result[list] = new JsonArray([.. array.Where(item => !gone.Any(item.Same)).Select(item => item?.DeepClone())]);
                }
            }
            else if (!name.StartsWith('$'))
            {
                Set(result, name, value, Fields.Field(schema, name), patch.At(OrderPrefix + name) as JsonArray);
            }
        }

        foreach ((string name, JsonNode? order) in patch)
        {
            if (name.StartsWith(OrderPrefix, StringComparison.Ordinal) && name[OrderPrefix.Length..] is var list && !patch.ContainsKey(list)
                && result[list] is JsonArray array && order is JsonArray wanted)
            {
                result[list] = Ordered(array, wanted, Fields.Field(schema, list));
            }
        }

        return result;
    }

    private static void Set(JsonObject result, string name, JsonNode? value, Schema schema, JsonArray? order)
    {
        switch (value)
        {
            case null:
                result.Remove(name);
                break;
            case JsonObject item when item.Text(Directive) == "delete":
                result.Remove(name);
                break;
            case JsonObject item:
                result[name] = Run(result[name] as JsonObject ?? [], item, schema);
                break;
            case JsonArray patch when schema.PatchStrategy.StartsWith("merge", StringComparison.Ordinal) && !Replaces(patch):
                JsonArray merged = MergeList(result[name] as JsonArray ?? [], patch, schema);
                result[name] = order is null ? merged : Ordered(merged, order, schema);
                break;
            case JsonArray patch:
                result[name] = new JsonArray([.. patch.Where(item => item.Text(Directive) is null).Select(item => item?.DeepClone())]);
                break;
            default:
                result[name] = value.DeepClone();
                break;
        }
    }

    private static bool Replaces(JsonArray patch) => patch.Any(item => item is JsonObject { Count: 1 } && item.Text(Directive) == "replace");

    private static JsonArray MergeList(JsonArray target, JsonArray patch, Schema schema)
    {
        JsonArray result = (JsonArray)target.DeepClone();
        foreach (JsonNode? item in patch)
        {
            if (schema.PatchMergeKey.Length == 0 || item is not JsonObject change)
            {
                if (!result.Any(item.Same))
                {
                    result.Add(item?.DeepClone());
                }

                continue;
            }

            JsonNode key = change[schema.PatchMergeKey] ?? throw new FormatException($"map: {JsonText.String(change)} does not contain declared merge key: {schema.PatchMergeKey}");
            int at = IndexOf(result, schema.PatchMergeKey, key);
            if (change.Text(Directive) == "delete")
            {
                if (at >= 0)
                {
                    result.RemoveAt(at);
                }
            }
            else if (at >= 0)
            {
                result[at] = Run((JsonObject)result[at]!, change, schema.Items ?? Schema.Any);
            }
            else
            {
                result.Add((JsonNode)Run([], change, schema.Items ?? Schema.Any));
            }
        }

        return result;
    }

    private static int IndexOf(JsonArray array, string name, JsonNode key)
    {
        for (int at = 0; at < array.Count; at++)
        {
            if (array[at].At(name).Same(key))
            {
                return at;
            }
        }

        return -1;
    }

    private static JsonArray Ordered(JsonArray array, JsonArray order, Schema schema)
    {
        JsonNode? Key(JsonNode? item) => schema.PatchMergeKey.Length == 0 ? item : item.At(schema.PatchMergeKey);
        List<JsonNode?> wanted = [.. order.Select(Key)];
        List<JsonNode?> rest = [.. array.Where(item => !wanted.Any(Key(item).Same))];
        IEnumerable<JsonNode?> named = wanted.Select(key => array.FirstOrDefault(item => Key(item).Same(key))).Where(item => item is not null);
        return new JsonArray([.. named.Concat(rest).Select(item => item?.DeepClone())]);
    }
}
