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
        JsonObject spec = item.Ensure("spec");
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
        JsonObject? spec = item.Map("spec");
        if (item.Text("kind") == "Deployment")
        {
            CheckStrategy(spec.Map("strategy"), errors);
        }

        ValueChecks.NotNegative(spec, "spec", errors, "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds");
        if (spec.Whole("progressDeadlineSeconds") is { } deadline && deadline <= (spec.Whole("minReadySeconds") ?? 0))
        {
            errors.Add(FieldError.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
        }
    }

    /// <inheritdoc/>
    public override void ValidateStatus(JsonObject item, List<FieldError> errors) => ReplicaCounts.Check(item, errors, "updatedReplicas", "readyReplicas", "availableReplicas");

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors) => TemplateChecks.CheckUpdate(item, old, errors);

    private static void CheckStrategy(JsonObject? strategy, List<FieldError> errors)
    {
        JsonObject? rolling = strategy.Map("rollingUpdate");
        switch (strategy.Text("type"))
        {
            case "Recreate" when rolling is not null:
                errors.Add(FieldError.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
                break;
            case "RollingUpdate":
                ShareChecks.Check(rolling.At("maxUnavailable"), "spec.strategy.rollingUpdate.maxUnavailable", errors);
                ShareChecks.Check(rolling.At("maxSurge"), "spec.strategy.rollingUpdate.maxSurge", errors);
                if (ShareChecks.IsNone(rolling.At("maxUnavailable")) && ShareChecks.IsNone(rolling.At("maxSurge")))
                {
                    errors.Add(FieldError.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling.At("maxUnavailable"), "may not be 0 when `maxSurge` is 0"));
                }

                ShareChecks.AtMostAll(rolling.At("maxUnavailable"), "spec.strategy.rollingUpdate.maxUnavailable", errors);
                break;
            case not "Recreate":
                errors.Add(FieldError.NotSupported("spec.strategy", strategy.At("type") ?? "", "Recreate", "RollingUpdate"));
                break;
        }
    }
}
