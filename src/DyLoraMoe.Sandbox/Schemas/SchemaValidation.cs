using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Sandbox.Apply;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>Checks a value against a schema. Rules of the expression language are checked apart, by <c>RuleValidation</c>.</summary>
internal static class SchemaValidation
{
    /// <summary>
    /// What is wrong with <paramref name="node"/>, which stands at <paramref name="path"/>. Where it is what it was before, as
    /// <paramref name="old"/> tells, it may stay so: a schema that became stricter does not keep anybody from changing something else.
    /// </summary>
    public static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors, JsonNode? old = null)
    {
        int known = errors.Count;
        CheckValue(node, schema, path, errors, old);
        if (errors.Count > known && old is not null && old.Same(node))
        {
            errors.RemoveRange(known, errors.Count - known);
        }
    }

    private static void CheckValue(JsonNode? node, Schema schema, string path, List<FieldError> errors, JsonNode? old)
    {
        if (node is null)
        {
            if (!schema.Nullable && (schema.Type.Length > 0 || schema.IntOrString))
            {
                errors.Add(WrongType(path, "null", schema));
            }

            return;
        }

        if (!HasType(node, schema))
        {
            errors.Add(WrongType(path, KindName(node), schema));
            return;
        }

        switch (node)
        {
            case JsonObject item:
                CheckObject(item, schema, path, errors, old);
                break;
            case JsonArray array:
                CheckArray(array, schema, path, errors, old);
                break;
            case JsonValue value when value.TryGetValue(out string? text):
                CheckText(text, schema, path, errors);
                break;
            case JsonValue when node.IsNumber():
                CheckNumber(node, schema, path, errors);
                break;
        }

        if (schema.Enum is { } allowed && !allowed.Any(value => value.Same(node)))
        {
            errors.Add(FieldError.NotSupported(path, node, allowed.Select(value => value.Text() ?? JsonText.String(value))));
        }

        CheckCombinations(node, schema, path, errors, old);
    }

    /// <summary>The name that messages give to a value's type.</summary>
    public static string KindName(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => node.IsWhole() ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    /// <summary>The path of a field below <paramref name="path"/>.</summary>
    public static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static FieldError WrongType(string path, string found, Schema schema) => schema.IntOrString
        ? FieldError.Type(path, found, $"{path} in body must be of type integer,string: \"{found}\"")
        : FieldError.Type(path, found, $"{path} in body must be of type {schema.Type}: \"{found}\"");

    private static bool HasType(JsonNode node, Schema schema) => schema.IntOrString
        ? node.IsWhole() || node.GetValueKind() == JsonValueKind.String || (schema.Format == "quantity" && node.IsNumber())
        : schema.Type switch
        {
            "object" => node is JsonObject,
            "array" => node is JsonArray,
            "string" => node.GetValueKind() == JsonValueKind.String,
            "integer" => node.IsWhole(),
            "number" => node.IsNumber(),
            "boolean" => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            _ => true,
        };

    private static void CheckObject(JsonObject item, Schema schema, string path, List<FieldError> errors, JsonNode? old)
    {
        foreach (string name in schema.Required)
        {
            if (!item.ContainsKey(name))
            {
                errors.Add(FieldError.Required(Below(path, name)));
            }
        }

        if (item.Count < schema.MinProperties)
        {
            errors.Add(FieldError.Invalid(path, item.Count, $"{path} in body should have at least {schema.MinProperties} properties"));
        }

        if (schema.MaxProperties is { } most && item.Count > most)
        {
            errors.Add(FieldError.TooMany(path, item.Count, most));
        }

        foreach ((string name, JsonNode? value) in item)
        {
            if (schema.Properties.TryGetValue(name, out Schema? field))
            {
                Check(value, field, Below(path, name), errors, old.At(name));
            }
            else if (schema.AdditionalProperties is { } values)
            {
                Check(value, values, Below(path, name), errors, old.At(name));
            }
        }
    }

    private static void CheckArray(JsonArray array, Schema schema, string path, List<FieldError> errors, JsonNode? old)
    {
        if (array.Count < schema.MinItems)
        {
            errors.Add(FieldError.Invalid(path, array.Count, $"{path} in body should have at least {schema.MinItems} items"));
        }

        if (schema.MaxItems is { } most && array.Count > most)
        {
            errors.Add(FieldError.TooMany(path, array.Count, most));
            return;
        }

        // The items of other lists cannot be told apart by anything but their values.
        Dictionary<string, JsonNode?>? before = schema.ListType == ListType.Map && old is JsonArray list ? Fields.Keyed(list, schema) : null;
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int at = 0; at < array.Count; at++)
        {
            string inner = $"{path}[{at}]";
            if (schema.Items is { } items)
            {
                Check(array[at], items, inner, errors, before?.GetValueOrDefault(Fields.Step(array[at], schema)));
            }

            if (schema.ListType == ListType.Set && !seen.Add(JsonText.String(array[at])))
            {
                errors.Add(FieldError.Duplicate(inner, array[at]));
            }
            else if (schema.ListType == ListType.Map)
            {
                JsonObject key = new(schema.ListKeys.Where(name => array[at].At(name) is not null)
                    .Select(name => KeyValuePair.Create(name, array[at].At(name)?.DeepClone())));
                if (!seen.Add(JsonText.String(key)))
                {
                    errors.Add(FieldError.Duplicate(inner, key));
                }
            }
        }
    }

    private static void CheckText(string text, Schema schema, string path, List<FieldError> errors)
    {
        long length = schema.MinLength is null && schema.MaxLength is null ? 0 : text.EnumerateRunes().LongCount();
        if (length < schema.MinLength)
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should be at least {schema.MinLength} chars long"));
        }

        if (length > schema.MaxLength)
        {
            errors.Add(FieldError.TooManyLetters(path, schema.MaxLength.Value));
        }

        if (schema.Pattern is { } pattern && !Matches(pattern, text))
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should match '{schema.PatternText}'"));
        }

        if (!Formats.Accept(schema.Format, text))
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body must be of type {schema.Format}: {FieldError.Shown(text)}"));
        }
    }

    // A $ at the end is the end of the text to the real server, not the last line break before it.
    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            Match match = pattern.Match(text);
            return match.Success && !(pattern.ToString().EndsWith('$') && match.Index + match.Length != text.Length);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static void CheckNumber(JsonNode node, Schema schema, string path, List<FieldError> errors)
    {
        double value = node.ToDouble();
        if (schema.Minimum is { } least && (value < least || (schema.ExclusiveMinimum && value == least)))
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Text(least)}"));
        }

        if (schema.Maximum is { } most && (value > most || (schema.ExclusiveMaximum && value == most)))
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Text(most)}"));
        }

        if (schema.MultipleOf is { } factor && value / factor != Math.Floor(value / factor))
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body should be a multiple of {Text(factor)}"));
        }

        if (schema.Format == "int32" && value is < int.MinValue or > int.MaxValue)
        {
            errors.Add(FieldError.Invalid(path, node, $"{path} in body must be of type int32: {FieldError.Shown(node)}"));
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static void CheckCombinations(JsonNode node, Schema schema, string path, List<FieldError> errors, JsonNode? old)
    {
        foreach (Schema part in schema.AllOf)
        {
            Check(node, part, path, errors, old);
        }

        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(part => Holds(node, part, path)))
        {
            errors.Add(FieldError.Invalid(path, "", $"\"{path}\" must validate at least one schema (anyOf)"));
        }

        if (schema.OneOf.Count > 0 && schema.OneOf.Count(part => Holds(node, part, path)) is not 1 and int hold)
        {
            errors.Add(FieldError.Invalid(path, "", $"\"{path}\" must validate one and only one schema (oneOf). {(hold == 0 ? "Found none valid" : $"Found {hold} valid alternatives")}"));
        }

        if (schema.Not is { } not && Holds(node, not, path))
        {
            errors.Add(FieldError.Invalid(path, "", $"\"{path}\" must not validate the schema (not)"));
        }
    }

    // What was there before does not count here: of two alternatives one would hold only because nothing in it changed.
    private static bool Holds(JsonNode node, Schema schema, string path)
    {
        List<FieldError> errors = [];
        Check(node, schema, path, errors);
        return errors.Count == 0;
    }
}
