using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Claims of persistent volumes. One without a class gets the cluster's default class, by its controller when the class comes later.</summary>
internal sealed class VolumeClaimRules : PlainRules
{
    public const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <inheritdoc/>
    public override void Default(JsonObject item) => item.Map("spec")?.Default("volumeMode", "Filesystem");

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context)
    {
        JsonObject spec = item.Ensure("spec");
        if (spec["storageClassName"] is null
            && context.View.List("storage.k8s.io/storageclasses").FirstOrDefault(found => found.Shared.Text("metadata", "annotations", DefaultClass) == "true") is { } found)
        {
            spec["storageClassName"] = found.Key.Name;
        }

        item["status"] = new JsonObject { ["phase"] = "Pending" };
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        if (item.Items("spec", "accessModes").Count == 0)
        {
            errors.Add(FieldError.Required("spec.accessModes", "at least 1 access mode is required"));
        }

        if (item.At("spec", "resources", "requests", "storage") is null)
        {
            errors.Add(FieldError.Required("spec.resources[storage]"));
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (!Fixed(item, old).Same(Fixed(old, old)))
        {
            errors.Add(FieldError.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"));
        }
    }

    private static JsonObject Fixed(JsonObject item, JsonObject old)
    {
        JsonObject spec = item.Map("spec")?.Copy() ?? [];
        spec.Remove("resources");
        if (string.IsNullOrEmpty(old.Text("spec", "volumeName")))
        {
            spec.Remove("volumeName");
            if (old.At("spec", "storageClassName") is null)
            {
                spec.Remove("storageClassName");
            }
        }

        return spec;
    }
}
