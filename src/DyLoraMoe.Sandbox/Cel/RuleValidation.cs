using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Apply;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Cel;

/// <summary>Checks the rules that stand in a schema (<c>x-kubernetes-validations</c>), those about a change too.</summary>
internal static class RuleValidation
{
    /// <summary>
    /// Checks a value; <paramref name="old"/> is what stood in its place before the write, if anything did. Where nothing changed, only rules
    /// about changes count: one that is newer than the value does not keep anybody from changing something else.
    /// </summary>
    public static void Check(JsonNode? node, JsonNode? old, Schema schema, string path, List<FieldError> errors) => Check(node, old, schema, path, errors, default);

    private static void Check(JsonNode? node, JsonNode? old, Schema schema, string path, List<FieldError> errors, Place around)
    {
        if (node is null)
        {
            return;
        }

        Place place = old is null ? around : new Place(node, old);
        foreach (ValidationRule rule in schema.Rules)
        {
            CheckRule(rule, node, old, schema, path, errors, place);
        }

        switch (node)
        {
            case JsonObject item:
                foreach ((string name, JsonNode? value) in item)
                {
                    if (schema.Field(name) is { } field)
                    {
                        Check(value, old.At(name), field, SchemaValidation.Below(path, name), errors, place);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                Dictionary<string, JsonNode?> before = schema.ListType == ListType.Map && old is JsonArray list ? Fields.Keyed(list, schema) : [];
                for (int at = 0; at < array.Count; at++)
                {
                    JsonNode? match = before.Count > 0 ? before.GetValueOrDefault(Fields.Step(array[at], schema)) : null;
                    Check(array[at], match, items, $"{path}[{at}]", errors, place);
                }

                break;
        }
    }

    private static void CheckRule(ValidationRule rule, JsonNode node, JsonNode? old, Schema schema, string path, List<FieldError> errors, Place place)
    {
        bool transition = rule.Rule.Contains("oldSelf", StringComparison.Ordinal);
        if (transition && old is null)
        {
            return;
        }

        Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["self"] = CelValues.Of(node, schema) };
        if (transition)
        {
            variables["oldSelf"] = CelValues.Of(old, schema);
        }

        try
        {
            if (CelRules.Run(rule.Rule, variables) is true || (!transition && place.IsUnchanged))
            {
                return;
            }
        }
        catch (CelRuleException error)
        {
            errors.Add(FieldError.Invalid(path, SchemaValidation.KindName(node), $"rule evaluation error: {error.Message}"));
            return;
        }

        string field = rule.FieldPath.Length == 0 ? path : path + rule.FieldPath;
        string message = Message(rule, variables);
        errors.Add(rule.Reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(field, message),
            "FieldValueRequired" => FieldError.Required(field, message),
            "FieldValueDuplicate" => FieldError.Duplicate(field, node),
            _ => FieldError.Invalid(field, node is JsonObject or JsonArray ? SchemaValidation.KindName(node) : node, message),
        });
    }

    private static string Message(ValidationRule rule, Dictionary<string, object?> variables)
    {
        if (rule.MessageExpression.Length > 0)
        {
            try
            {
                if (CelRules.Run(rule.MessageExpression, variables) is string { Length: > 0 } text)
                {
                    return text;
                }
            }
            catch (CelRuleException)
            {
                // As in the real server, the fixed message takes the place of one that cannot be made.
            }
        }

        return rule.Message.Length > 0 ? rule.Message : $"failed rule: {rule.Rule}";
    }

    /// <summary>The nearest value around that has a place of its own, and what stood there before the write.</summary>
    private readonly record struct Place(JsonNode? Now, JsonNode? Before)
    {
        public bool IsUnchanged => Before is not null && Before.Same(Now);
    }
}
