using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Horizontal pod autoscalers.</summary>
internal sealed class AutoscalerRules : PlainRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is { } spec)
        {
            spec.Default("minReplicas", 1);
            spec.Default("metrics", new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            }));
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        if (item.Whole("spec", "maxReplicas") is { } most && (most < 1 || most < item.Whole("spec", "minReplicas")))
        {
            errors.Add(FieldError.Invalid("spec.maxReplicas", most, most < 1 ? "must be greater than 0" : "must be greater than or equal to `minReplicas`"));
        }
    }
}
