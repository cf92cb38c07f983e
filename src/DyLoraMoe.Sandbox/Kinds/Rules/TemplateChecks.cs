using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What kinds that make pods from a template have in common.</summary>
internal static class TemplateChecks
{
    /// <summary>Checks replicas, selector and template.</summary>
    public static void Check(JsonObject item, List<FieldError> errors)
    {
        if (item.Whole("spec", "replicas") is < 0 and { } replicas)
        {
            errors.Add(FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0"));
        }

        Dictionary<string, string> labels = item.Pairs("spec", "template", "metadata", "labels");
        Dictionary<string, string> selector = item.Pairs("spec", "selector", "matchLabels");
        if (item.Map("spec", "selector") is not null && selector.Count == 0 && item.Items("spec", "selector", "matchExpressions").Count == 0)
        {
            errors.Add(FieldError.Invalid("spec.selector", item.At("spec", "selector"), "empty selector is invalid for deployment"));
        }
        else if (selector.Any(pair => labels.GetValueOrDefault(pair.Key) != pair.Value))
        {
            errors.Add(FieldError.Invalid("spec.template.metadata.labels", item.At("spec", "template", "metadata", "labels") ?? new JsonObject(), "`selector` does not match template `labels`"));
        }

        if (item.Map("spec", "template", "spec") is { } spec)
        {
            PodChecks.Check(spec, "spec.template.spec", errors);
            if (spec.Text("restartPolicy") is "OnFailure" or "Never")
            {
                errors.Add(FieldError.NotSupported("spec.template.spec.restartPolicy", spec["restartPolicy"], "Always"));
            }
        }
        else if (item.Map("spec", "template") is not null)
        {
            errors.Add(FieldError.Required("spec.template.spec.containers"));
        }
    }

    /// <summary>Checks that a selector stays.</summary>
    public static void CheckUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (!item.At("spec", "selector").Same(old.At("spec", "selector")))
        {
            errors.Add(FieldError.Invalid("spec.selector", item.At("spec", "selector"), "field is immutable"));
        }
    }
}
