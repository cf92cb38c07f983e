using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes labels, annotations and label selectors invalid, wherever they stand.</summary>
internal static class LabelChecks
{
    private const int LargestAnnotations = 256 << 10;

    /// <summary>Checks labels, or what is compared with the labels of nodes.</summary>
    public static void Labels(JsonNode? labels, string path, List<FieldError> errors)
    {
        foreach ((string key, string value) in labels.Pairs())
        {
            errors.AddRange(NameRules.QualifiedName(key).Select(bad => FieldError.Invalid(path, key, bad)));
            if (NameRules.LabelValue(value) is { } wrong)
            {
                errors.Add(FieldError.Invalid(path, value, wrong));
            }
        }
    }

    /// <summary>Checks annotations, which may be large, but not all of them together.</summary>
    public static void Annotations(JsonNode? annotations, string path, List<FieldError> errors)
    {
        long size = 0;
        foreach ((string key, string value) in annotations.Pairs())
        {
            errors.AddRange(NameRules.QualifiedName(key.ToLowerInvariant()).Select(bad => FieldError.Invalid(path, key, bad)));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        if (size > LargestAnnotations)
        {
            errors.Add(FieldError.TooLong(path, LargestAnnotations));
        }
    }

    /// <summary>Checks a selector with matchLabels and matchExpressions.</summary>
    public static void Selector(JsonNode? selector, string path, List<FieldError> errors)
    {
        Labels(selector.At("matchLabels"), $"{path}.matchLabels", errors);
        IList<JsonNode?> rules = selector.Items("matchExpressions");
        for (int at = 0; at < rules.Count; at++)
        {
            Expression(rules[at], $"{path}.matchExpressions[{at}]", errors);
        }
    }

    /// <summary>Checks one requirement of a selector; <paramref name="comparing"/> are the operators that nodes know besides.</summary>
    public static void Expression(JsonNode? rule, string path, List<FieldError> errors, params ReadOnlySpan<string> comparing)
    {
        string name = rule.Text("operator") ?? "";
        bool any = rule.Items("values").Count > 0;
        if (name is "In" or "NotIn" && !any)
        {
            errors.Add(FieldError.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"));
        }
        else if (name is "Exists" or "DoesNotExist" && any)
        {
            errors.Add(FieldError.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
        else if (name is not ("In" or "NotIn" or "Exists" or "DoesNotExist") && !comparing.Contains(name))
        {
            errors.Add(FieldError.Invalid($"{path}.operator", name, "not a valid selector operator"));
        }
        else if (comparing.Contains(name) && rule.Items("values").Count != 1)
        {
            errors.Add(FieldError.Required($"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'"));
        }

        string key = rule.Text("key") ?? "";
        errors.AddRange(NameRules.QualifiedName(key).Select(bad => FieldError.Invalid($"{path}.key", key, bad)));
    }
}
