using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Jobs: a selector is made for each, and the template stays as it was.</summary>
internal sealed class JobRules : KindRules
{
    /// <inheritdoc/>
    public override string? DefaultPropagation => "Orphan";

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is not { } spec)
        {
            return;
        }

        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        spec.Default("manualSelector", false);
        foreach (JsonObject rule in spec.Items("podFailurePolicy", "rules").OfType<JsonObject>())
        {
            foreach (JsonObject pattern in rule.Items("onPodConditions").OfType<JsonObject>())
            {
                pattern.Default("status", "True");
            }
        }

        PodDefaults.FillTemplate(spec["template"]);
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context)
    {
        JsonObject spec = item.Ensure("spec");
        item["status"] = new JsonObject();
        if (spec.Flag("manualSelector") == true)
        {
            return;
        }

        string uid = item.Text("metadata", "uid") ?? "", name = item.Text("metadata", "name") ?? "";
        JsonObject labels = spec.Ensure("template", "metadata", "labels");
        labels["controller-uid"] = uid;
        labels["job-name"] = name;
        labels["batch.kubernetes.io/controller-uid"] = uid;
        labels["batch.kubernetes.io/job-name"] = name;
        spec.Default("selector", Made(item));
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        ValueChecks.NotNegative(item["spec"], "spec", errors, "completions", "parallelism", "backoffLimit", "ttlSecondsAfterFinished", "activeDeadlineSeconds");
        if (item.Flag("spec", "manualSelector") == true)
        {
            TemplateChecks.Selector(item, errors, "job");
        }
        else if (!item.At("spec", "selector").Same(Made(item)))
        {
            errors.Add(FieldError.Invalid("spec.selector", item.At("spec", "selector"), "`selector` not auto-generated"));
        }

        TemplateChecks.Template(item, errors);
        if (item.Text("spec", "template", "spec", "restartPolicy") is not ("OnFailure" or "Never"))
        {
            errors.Add(FieldError.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
        }

        ValueChecks.OneOf(item.At("spec", "completionMode"), "spec.completionMode", true, errors, "NonIndexed", "Indexed");
        if (item.Text("spec", "completionMode") == "Indexed" && item.At("spec", "completions") is null)
        {
            errors.Add(FieldError.Required("spec.completions", "when completion mode is Indexed"));
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        bool template = item.Flag("spec", "suspend") == true || old.Flag("spec", "suspend") == true;
        foreach (string field in (ReadOnlySpan<string>)["selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex"])
        {
            bool free = field == "template" && template && old.At("status", "startTime") is null;
            if (!free && !item.At("spec", field).Same(old.At("spec", field)))
            {
                errors.Add(FieldError.Invalid($"spec.{field}", item.At("spec", field), "field is immutable"));
            }
        }

        if (item.Text("spec", "completionMode") != "Indexed" && !item.At("spec", "completions").Same(old.At("spec", "completions")))
        {
            errors.Add(FieldError.Invalid("spec.completions", item.At("spec", "completions"), "field is immutable"));
        }
    }

    private static JsonObject Made(JsonObject item) =>
        new() { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = item.Text("metadata", "uid") ?? "" } };
}
