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
        long most = item.Whole("spec", "maxReplicas") ?? 0, least = item.Whole("spec", "minReplicas") ?? 1;
        if (least < 1)
        {
            errors.Add(FieldError.Invalid("spec.minReplicas", least, "must be greater than or equal to 1"));
        }

        if (most < 1)
        {
            errors.Add(FieldError.Invalid("spec.maxReplicas", most, "must be greater than 0"));
        }

        if (most < least)
        {
            errors.Add(FieldError.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"));
        }

        foreach (string field in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (string.IsNullOrEmpty(item.Text("spec", "scaleTargetRef", field)))
            {
                errors.Add(FieldError.Required($"spec.scaleTargetRef.{field}"));
            }
        }
    }
}
