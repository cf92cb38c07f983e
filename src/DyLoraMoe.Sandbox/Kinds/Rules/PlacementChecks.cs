using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes the wishes of a pod invalid about where it runs.</summary>
internal static class PlacementChecks
{
    /// <summary>Checks affinity to nodes, and how pods spread.</summary>
    public static void Check(JsonObject spec, string path, List<FieldError> errors)
    {
        string node = $"{path}.affinity.nodeAffinity";
        if (spec.Map("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution") is { } required)
        {
            string terms = $"{node}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
            if (required.Items("nodeSelectorTerms").Count == 0)
            {
                errors.Add(FieldError.Required(terms, "must have at least one node selector term"));
            }

            Each(required.Items("nodeSelectorTerms"), terms, (term, at) => Term(term, at, errors));
        }

        Each(spec.Items("affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"), $"{node}.preferredDuringSchedulingIgnoredDuringExecution", (wish, at) =>
        {
            if (wish.Whole("weight") is not (>= 1 and <= 100))
            {
                errors.Add(FieldError.Invalid($"{at}.weight", wish.Whole("weight") ?? 0, "must be in the range 1-100"));
            }

            Term(wish.At("preference"), $"{at}.preference", errors);
        });
        Each(spec.Items("topologySpreadConstraints"), $"{path}.topologySpreadConstraints", (spread, at) => Spread(spread, at, errors));
    }

    /// <summary>Checks tolerations.</summary>
    public static void Tolerations(IList<JsonNode?> tolerations, string path, List<FieldError> errors) => Each(tolerations, path, (toleration, at) =>
    {
        string key = toleration.Text("key") ?? "", value = toleration.Text("value") ?? "", name = toleration.Text("operator") ?? "";
        if (key.Length > 0)
        {
            errors.AddRange(NameRules.QualifiedName(key).Select(bad => FieldError.Invalid($"{at}.key", key, bad)));
        }
        else if (name != "Exists")
        {
            errors.Add(FieldError.Invalid($"{at}.operator", name, "operator must be Exists when `key` is empty, which means \"match all values and all keys\""));
        }

        if (toleration.Whole("tolerationSeconds") is not null && toleration.Text("effect") != "NoExecute")
        {
            errors.Add(FieldError.Invalid($"{at}.effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
        }

        if (name is "" or "Equal" && NameRules.LabelValue(value) is { } wrong)
        {
            errors.Add(FieldError.Invalid($"{at}.operator", value, wrong));
        }
        else if (name == "Exists" && value.Length > 0)
        {
            errors.Add(FieldError.Invalid($"{at}.operator", toleration, "value must be empty when `operator` is 'Exists'"));
        }

        ValueChecks.OneOf(name, $"{at}.operator", false, errors, "Equal", "Exists");
        ValueChecks.OneOf(toleration.At("effect"), $"{at}.effect", false, errors, "NoSchedule", "PreferNoSchedule", "NoExecute");
    });

    private static void Term(JsonNode? term, string path, List<FieldError> errors) =>
        Each(term.Items("matchExpressions"), $"{path}.matchExpressions", (rule, at) => LabelChecks.Expression(rule, at, errors, "Gt", "Lt"));

    private static void Spread(JsonNode? spread, string path, List<FieldError> errors)
    {
        if (spread.Whole("maxSkew") is not > 0)
        {
            errors.Add(FieldError.Invalid($"{path}.maxSkew", spread.Whole("maxSkew") ?? 0, "must be greater than zero"));
        }

        if (string.IsNullOrEmpty(spread.Text("topologyKey")))
        {
            errors.Add(FieldError.Required($"{path}.topologyKey", "can not be empty"));
        }

        ValueChecks.OneOf(spread.At("whenUnsatisfiable"), $"{path}.whenUnsatisfiable", true, errors, "DoNotSchedule", "ScheduleAnyway");
        LabelChecks.Selector(spread.At("labelSelector"), $"{path}.labelSelector", errors);
    }

    private static void Each(IList<JsonNode?> items, string path, Action<JsonNode?, string> check)
    {
        for (int at = 0; at < items.Count; at++)
        {
            check(items[at], $"{path}[{at}]");
        }
    }
}
