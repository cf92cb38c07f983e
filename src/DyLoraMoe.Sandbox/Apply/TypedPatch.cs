using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>What keeps an applied object from being merged by its schema: fields that are not declared, values of another shape, two items of one key.</summary>
internal static class TypedPatch
{
    /// <summary>Everything that is wrong, worded as the real API server words it.</summary>
    /// <param name="applied">What is applied.</param>
    /// <param name="schema">The schema of its kind.</param>
    /// <param name="keyed">Whether items of lists must have the fields that tell them apart, as those of custom resources must.</param>
    public static IReadOnlyList<string> Errors(JsonObject applied, Schema schema, bool keyed)
    {
        List<string> errors = [];
        new Walk(errors, keyed).Check(applied, schema, "");
        return errors;
    }

    private static string Shown(JsonNode node) => node switch
    {
        JsonObject item => $"map[{string.Join(' ', item.Select(pair => $"{pair.Key}:{(pair.Value is { } value ? Shown(value) : "<nil>")}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(value => value is null ? "<nil>" : Shown(value)))}]",
        _ => node.Text() ?? node.ToJsonString(),
    };

    private static string GoType(JsonNode node) => node switch
    {
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ => node.GetValueKind() == JsonValueKind.String ? "string" : "bool",
    };

    private sealed class Walk(List<string> errors, bool keyed)
    {
        public void Check(JsonNode? node, Schema schema, string path)
        {
            if (node is null || schema.IntOrString)
            {
                return;
            }

            switch (schema.Type)
            {
                case "object" when node is not JsonObject:
                    errors.Add($"{path}: expected map, got &{{{Shown(node)}}}");
                    break;
                case "array" when node is not JsonArray:
                    errors.Add($"{path}: expected list, got &{{{Shown(node)}}}");
                    break;
                case "object":
                    CheckObject((JsonObject)node, schema, path);
                    break;
                case "array":
                    CheckList((JsonArray)node, schema, path);
                    break;
                case "string" when node.GetValueKind() != JsonValueKind.String:
                    errors.Add($"{path}: expected string, got &value.valueUnstructured{{Value:{Shown(node)}}}");
                    break;
                case "boolean" when node.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False):
                    errors.Add($"{path}: expected boolean, got &value.valueUnstructured{{Value:{Shown(node)}}}");
                    break;
                case "integer" or "number" when !node.IsNumber():
                    errors.Add($"{path}: expected numeric (int or float), got {GoType(node)}");
                    break;
            }
        }

        private void CheckObject(JsonObject item, Schema schema, string path)
        {
            if (schema.Properties.Count == 0 && schema.AdditionalProperties is null)
            {
                return;
            }

            foreach ((string name, JsonNode? value) in item.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                if (schema.Field(name) is { } field)
                {
                    Check(value, field, $"{path}.{name}");
                }
                else if (!schema.PreserveUnknown && !(schema.EmbeddedResource && name is "apiVersion" or "kind" or "metadata"))
                {
                    errors.Add($"{path}.{name}: field not declared in schema");
                    return;
                }
            }
        }

        private void CheckList(JsonArray list, Schema schema, string path)
        {
            HashSet<string> steps = new(StringComparer.Ordinal);
            for (int at = 0; at < list.Count; at++)
            {
                if (keyed && schema.ListType == ListType.Map && schema.ListKeys.All(name => list[at].At(name) is null && schema.Items?.Field(name)?.Default is null))
                {
                    errors.Add($"{path}: element {at}: associative list with keys has an element that omits key field \"{schema.ListKeys[0]}\" (and doesn't have default value)");
                    continue;
                }

                string step = schema.ListType == ListType.Atomic ? $"[{at}]" : FieldSet.Shown(Fields.Step(list[at], schema));
                if (schema.ListType != ListType.Atomic && !steps.Add(step))
                {
                    errors.Add($"{path}: duplicate entries for key {step}");
                }

                if (schema.Items is { } items)
                {
                    Check(list[at], items, path + step);
                }
            }
        }
    }
}
