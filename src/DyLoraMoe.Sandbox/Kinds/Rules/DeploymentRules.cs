using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Deployments and StatefulSets.</summary>
internal sealed class DeploymentRules : KindRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is not { } spec)
        {
            return;
        }

        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        PodDefaults.FillTemplate(spec["template"]);
        if (item.Text("kind") != "Deployment")
        {
            return;
        }

        spec.Default("progressDeadlineSeconds", 600);
        JsonObject strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            JsonObject rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxUnavailable", "25%");
            rolling.Default("maxSurge", "25%");
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        TemplateChecks.Check(item, errors);
        if (item.Text("spec", "strategy", "type") == "Recreate" && item.Map("spec", "strategy", "rollingUpdate") is not null)
        {
            errors.Add(FieldError.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors) => TemplateChecks.CheckUpdate(item, old, errors);
}
