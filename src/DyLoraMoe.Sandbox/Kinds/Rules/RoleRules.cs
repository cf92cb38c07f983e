using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Roles, whose names may be any path segment.</summary>
internal class RoleRules : PlainRules
{
    /// <inheritdoc/>
    public override bool StrictName => false;

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        IList<JsonNode?> rules = item.Items("rules");
        for (int at = 0; at < rules.Count; at++)
        {
            CheckRule(rules[at], $"rules[{at}]", item.Text("kind") == "Role", errors);
        }
    }

    private static void CheckRule(JsonNode? rule, string path, bool namespaced, List<FieldError> errors)
    {
        if (rule.Items("verbs").Count == 0)
        {
            errors.Add(FieldError.Required($"{path}.verbs", "verbs must contain at least one value"));
        }

        bool paths = rule.Items("nonResourceURLs").Count > 0, resources = rule.Items("apiGroups").Count > 0 || rule.Items("resources").Count > 0 || rule.Items("resourceNames").Count > 0;
        if (paths && (namespaced || resources))
        {
            errors.Add(FieldError.Invalid($"{path}.nonResourceURLs", rule.At("nonResourceURLs"), namespaced
                ? "namespaced rules cannot apply to non-resource URLs" : "rules cannot apply to both regular resources and non-resource URLs"));
        }

        if (!paths && rule.Items("apiGroups").Count == 0)
        {
            errors.Add(FieldError.Required($"{path}.apiGroups", "resource rules must supply at least one api group"));
        }

        if (!paths && rule.Items("resources").Count == 0)
        {
            errors.Add(FieldError.Required($"{path}.resources", "resource rules must supply at least one resource"));
        }
    }
}
