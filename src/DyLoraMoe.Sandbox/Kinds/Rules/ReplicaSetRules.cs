using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>ReplicaSets.</summary>
internal sealed class ReplicaSetRules : KindRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is { } spec)
        {
            spec.Default("replicas", 1);
            PodDefaults.FillTemplate(spec["template"]);
        }
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context) => item["status"] = new JsonObject { ["replicas"] = 0 };

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        TemplateChecks.Check(item, errors);
        ValueChecks.NotNegative(item["spec"], "spec", errors, "minReadySeconds");
    }

    /// <inheritdoc/>
    public override void ValidateStatus(JsonObject item, List<FieldError> errors) => ReplicaCounts.Check(item, errors, "fullyLabeledReplicas", "readyReplicas", "availableReplicas");

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors) => TemplateChecks.CheckUpdate(item, old, errors);
}
