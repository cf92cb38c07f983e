using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>What makes metadata invalid.</summary>
internal static class MetadataChecks
{
    private static readonly HashSet<string> LabelNamed = ["namespaces", "services"];

    /// <summary>Checks names, labels, annotations, owners and finalizers.</summary>
    public static void Check(ResourceKind kind, JsonObject item, List<FieldError> errors)
    {
        JsonObject metadata = item.Map("metadata") ?? [];
        string name = metadata.Text("name") ?? "";
        string? wrong = name.Length == 0 ? null
            : kind.Group.Length == 0 && LabelNamed.Contains(kind.Plural) ? NameRules.Label(name)
            : kind.Rules.StrictName ? NameRules.Subdomain(name) : NameRules.Segment(name);
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
        }
        else if (wrong is not null)
        {
            errors.Add(FieldError.Invalid("metadata.name", name, wrong));
        }

        foreach ((string key, string value) in metadata.Pairs("labels"))
        {
            if (NameRules.QualifiedName(key) is { } badKey)
            {
                errors.Add(FieldError.Invalid("metadata.labels", key, badKey));
            }

            if (NameRules.LabelValue(value) is { } badValue)
            {
                errors.Add(FieldError.Invalid("metadata.labels", value, badValue));
            }
        }

        foreach (string key in metadata.Pairs("annotations").Keys)
        {
            if (NameRules.QualifiedName(key.ToLowerInvariant()) is { } bad)
            {
                errors.Add(FieldError.Invalid("metadata.annotations", key, bad));
            }
        }

        foreach (string finalizer in metadata.Texts("finalizers"))
        {
            if (NameRules.QualifiedName(finalizer) is { } bad)
            {
                errors.Add(FieldError.Invalid("metadata.finalizers", finalizer, bad));
            }
        }

        CheckOwners(metadata, errors);
    }

    private static void CheckOwners(JsonObject metadata, List<FieldError> errors)
    {
        IList<JsonNode?> owners = metadata.Items("ownerReferences");
        for (int at = 0; at < owners.Count; at++)
        {
            foreach (string field in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owners[at].Text(field)))
                {
                    errors.Add(FieldError.Invalid($"metadata.ownerReferences[{at}].{field}", "", $"{field} must not be empty"));
                }
            }
        }

        if (owners.Count(owner => owner.Flag("controller") == true) > 1)
        {
            errors.Add(FieldError.Invalid("metadata.ownerReferences", metadata["ownerReferences"], "Only one reference can have Controller set to true"));
        }
    }
}
