using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Bindings of roles; the role they name is fixed.</summary>
internal sealed class RoleBindingRules : RoleRules
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        item.Map("roleRef")?.Default("apiGroup", Group);
        foreach (JsonObject subject in item.Items("subjects").OfType<JsonObject>())
        {
            if (subject.Text("kind") is "User" or "Group")
            {
                subject.Default("apiGroup", Group);
            }
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        bool everywhere = item.Text("kind") == "ClusterRoleBinding";
        ValueChecks.OneOf(item.At("roleRef", "apiGroup") ?? Group, "roleRef.apiGroup", true, errors, Group);
        ValueChecks.OneOf(item.At("roleRef", "kind"), "roleRef.kind", true, errors, everywhere ? ["ClusterRole"] : ["Role", "ClusterRole"]);
        string role = item.Text("roleRef", "name") ?? "";
        if (role.Length == 0)
        {
            errors.Add(FieldError.Required("roleRef.name"));
        }
        else if (NameRules.Segment(role) is { } wrong)
        {
            errors.Add(FieldError.Invalid("roleRef.name", role, wrong));
        }

        IList<JsonNode?> subjects = item.Items("subjects");
        for (int at = 0; at < subjects.Count; at++)
        {
            CheckSubject(subjects[at], $"subjects[{at}]", everywhere, errors);
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (!item["roleRef"].Same(old["roleRef"]))
        {
            errors.Add(FieldError.Invalid("roleRef", item["roleRef"], "cannot change roleRef"));
        }
    }

    private static void CheckSubject(JsonNode? subject, string path, bool everywhere, List<FieldError> errors)
    {
        string name = subject.Text("name") ?? "", kind = subject.Text("kind") ?? "";
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required($"{path}.name"));
        }

        bool account = kind == "ServiceAccount";
        if (account && name.Length > 0 && NameRules.Subdomain(name) is { } wrong)
        {
            errors.Add(FieldError.Invalid($"{path}.name", name, wrong));
        }

        if (account && everywhere && string.IsNullOrEmpty(subject.Text("namespace")))
        {
            errors.Add(FieldError.Required($"{path}.namespace"));
        }

        ValueChecks.OneOf(kind, $"{path}.kind", true, errors, "ServiceAccount", "User", "Group");
        if (kind is "ServiceAccount" or "User" or "Group")
        {
            ValueChecks.OneOf(subject.At("apiGroup") ?? (account ? "" : Group), $"{path}.apiGroup", true, errors, account ? "" : Group);
        }
    }
}
