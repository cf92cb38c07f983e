using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Claims of persistent volumes. One without a class gets the cluster's default class, by its controller when the class comes later.</summary>
internal sealed class VolumeClaimRules : PlainRules
{
    private const string OnePod = "ReadWriteOncePod";
    private static readonly string[] Modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", OnePod];

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
        JsonObject? spec = item.Map("spec");
        List<string> modes = [.. spec.Texts("accessModes")];
        if (modes.Count == 0)
        {
            errors.Add(FieldError.Required("spec.accessModes", "at least 1 access mode is required"));
        }

        LabelChecks.Selector(spec.At("selector"), "spec.selector", errors);
        errors.AddRange(modes.Where(mode => !Modes.Contains(mode)).Select(mode => FieldError.NotSupported("spec.accessModes", mode, Modes)));
        if (modes.Count > 1 && modes.Contains(OnePod))
        {
            errors.Add(FieldError.Forbidden("spec.accessModes", $"may not use {OnePod} with other access modes"));
        }

        if (spec.At("resources", "requests", "storage") is not { } size)
        {
            errors.Add(FieldError.Required("spec.resources[storage]"));
        }
        else if (ResourceChecks.Amount(size) <= 0)
        {
            errors.Add(FieldError.Invalid("spec.resources[storage]", ResourceChecks.Shown(size), "must be greater than zero"));
        }

        if (spec.Text("storageClassName") is { Length: > 0 } name && NameRules.Subdomain(name) is { } wrong)
        {
            errors.Add(FieldError.Invalid("spec.storageClassName", name, wrong));
        }

        ValueChecks.OneOf(spec.At("volumeMode"), "spec.volumeMode", true, errors, "Block", "Filesystem");
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
