using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Serving;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What kinds that make pods from a template have in common.</summary>
internal static class TemplateChecks
{
    private const string Labels = "spec.template.metadata.labels";

    /// <summary>Checks replicas, selector and template of a kind whose pods run for good.</summary>
    public static void Check(JsonObject item, List<FieldError> errors)
    {
        ValueChecks.NotNegative(item["spec"], "spec", errors, "replicas");
        Selector(item, errors, item.Text("kind") == "StatefulSet" ? "statefulset" : "deployment");
        Template(item, errors);
        JsonNode? spec = item.At("spec", "template", "spec");
        if (spec.Text("restartPolicy") is not "Always" and { } policy)
        {
            errors.Add(FieldError.NotSupported("spec.template.spec.restartPolicy", policy, "Always"));
        }

        if (spec.At("activeDeadlineSeconds") is not null)
        {
            errors.Add(FieldError.Forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"));
        }
    }

    /// <summary>Checks that there is a selector, and that it selects what the template makes.</summary>
    public static void Selector(JsonObject item, List<FieldError> errors, string owner)
    {
        JsonObject? selector = item.Map("spec", "selector");
        if (selector is null)
        {
            errors.Add(FieldError.Required("spec.selector"));
        }
        else
        {
            LabelChecks.Selector(selector, "spec.selector", errors);
            if (selector.Map("matchLabels") is null or { Count: 0 } && selector.Items("matchExpressions").Count == 0)
            {
                errors.Add(FieldError.Invalid("spec.selector", selector, $"empty selector is invalid for {owner}"));
                return;
            }
        }

        if (selector is null || !LabelSelector.Matches(selector, item.Pairs("spec", "template", "metadata", "labels")))
        {
            errors.Add(FieldError.Invalid(Labels, item.At("spec", "template", "metadata", "labels") ?? new JsonObject(), "`selector` does not match template `labels`"));
        }
    }

    /// <summary>Checks what a template gives to its pods.</summary>
    public static void Template(JsonObject item, List<FieldError> errors)
    {
        LabelChecks.Labels(item.At("spec", "template", "metadata", "labels"), "spec.template.labels", errors);
        LabelChecks.Annotations(item.At("spec", "template", "metadata", "annotations"), "spec.template.annotations", errors);
        if (item.Map("spec", "template", "spec") is { } spec)
        {
            PodChecks.Check(spec, "spec.template.spec", errors);
        }
        else
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
