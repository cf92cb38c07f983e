using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Bindings of roles; the role they name is fixed.</summary>
internal sealed class RoleBindingRules : RoleRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        item.Map("roleRef")?.Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (JsonObject subject in item.Items("subjects").OfType<JsonObject>())
        {
            if (subject.Text("kind") is "User" or "Group")
            {
                subject.Default("apiGroup", "rbac.authorization.k8s.io");
            }
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
}
