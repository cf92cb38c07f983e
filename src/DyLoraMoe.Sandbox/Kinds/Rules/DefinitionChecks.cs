using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Sandbox.Cel;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Whether a definition's schema is structural: every level has a type, patterns and rules can be read.</summary>
internal static class DefinitionChecks
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <summary>Checks a schema and all below it.</summary>
    public static void Check(JsonObject schema, string path, List<FieldError> errors)
    {
        bool untyped = schema.Flag("x-kubernetes-int-or-string") == true || schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        string? type = schema.Text("type");
        if (type is null && !untyped)
        {
            errors.Add(FieldError.Required($"{path}.type", "must not be empty for specified object fields"));
        }
        else if (type is not null && !Types.Contains(type))
        {
            errors.Add(FieldError.NotSupported($"{path}.type", type, Types));
        }

        if (type == "array" && schema.Map("items") is null)
        {
            errors.Add(FieldError.Required($"{path}.items", "must be specified"));
        }

        if (schema.Text("pattern") is { } pattern && !Readable(pattern))
        {
            errors.Add(FieldError.Invalid($"{path}.pattern", pattern, "must be a valid regular expression"));
        }

        IList<JsonNode?> rules = schema.Items("x-kubernetes-validations");
        for (int at = 0; at < rules.Count; at++)
        {
            if (CelRules.CompileError(rules[at].Text("rule") ?? "") is { } wrong)
            {
                errors.Add(FieldError.Invalid($"{path}.x-kubernetes-validations[{at}].rule", rules[at].At("rule"), $"compilation failed: {wrong}"));
            }
        }

        foreach ((string name, JsonNode? field) in schema.Map("properties") ?? [])
        {
            if (field is JsonObject property)
            {
                Check(property, $"{path}.properties[{name}]", errors);
            }
        }

        if (schema.Map("items") is { } items)
        {
            Check(items, $"{path}.items", errors);
        }

        if (schema.Map("additionalProperties") is { } values)
        {
            Check(values, $"{path}.additionalProperties", errors);
        }
    }

    private static bool Readable(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
