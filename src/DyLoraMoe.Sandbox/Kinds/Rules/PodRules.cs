using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Pods: what is wanted hardly changes once it is there, and a deletion waits for the kubelet.</summary>
internal sealed class PodRules : KindRules
{
    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override bool ReturnsDeleted => true;

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is { } spec)
        {
            PodDefaults.Fill(spec);
            PodDefaults.FillRequests(spec);
            spec.Default("enableServiceLinks", true);
        }
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context)
    {
        PodAdmission.Admit(item, context);
        item["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = Quality(item.Ensure("spec")) };
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors) => PodChecks.Check(item.Map("spec"), "spec", errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (!Fixed(item).Same(Fixed(old)))
        {
            errors.Add(FieldError.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
        }
    }

    /// <inheritdoc/>
    public override long? GraceSeconds(JsonObject item, long? asked)
    {
        if (string.IsNullOrEmpty(item.Text("spec", "nodeName")) || item.Text("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        return asked is >= 0 ? asked : item.Whole("spec", "terminationGracePeriodSeconds") ?? 30;
    }

    private static JsonObject Fixed(JsonObject item)
    {
        JsonObject spec = item.Map("spec")?.Copy() ?? [];
        foreach (string name in (ReadOnlySpan<string>)["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"])
        {
            spec.Remove(name);
        }

        foreach (JsonObject container in spec.Items("containers").Concat(spec.Items("initContainers")).OfType<JsonObject>())
        {
            container.Remove("image");
        }

        return spec;
    }

    private static string Quality(JsonObject spec)
    {
        bool any = false, all = true;
        foreach (JsonNode? container in spec.Items("containers"))
        {
            JsonObject requests = container.Map("resources", "requests") ?? [], limits = container.Map("resources", "limits") ?? [];
            foreach (string name in (ReadOnlySpan<string>)["cpu", "memory"])
            {
                any |= requests.ContainsKey(name) || limits.ContainsKey(name);
                all &= limits.ContainsKey(name) && requests[name].Same(limits[name]);
            }
        }

        return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
    }
}
