using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>What makes metadata invalid.</summary>
internal static class MetadataChecks
{
    private static readonly string[] PlainFinalizers = ["kubernetes", "orphan", "foregroundDeletion", "customresourcecleanup.apiextensions.k8s.io"];

    /// <summary>Checks names, labels, annotations, owners and finalizers.</summary>
    public static void Check(ResourceKind kind, JsonObject item, List<FieldError> errors)
    {
        JsonObject metadata = item.Map("metadata") ?? [];
        string name = metadata.Text("name") ?? "", start = metadata.Text("generateName") ?? "";
        if (start.Length > 0 && Name(kind, start.EndsWith('-') ? start[..^1] + "a" : start) is { } badStart)
        {
            errors.Add(FieldError.Invalid("metadata.generateName", start, badStart));
        }

        if (name.Length == 0)
        {
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
        }
        else if (Name(kind, name) is { } wrong)
        {
            errors.Add(FieldError.Invalid("metadata.name", name, wrong));
        }

        LabelChecks.Labels(metadata["labels"], "metadata.labels", errors);
        LabelChecks.Annotations(metadata["annotations"], "metadata.annotations", errors);
        CheckFinalizers(kind, [.. metadata.Texts("finalizers")], errors);
        CheckOwners(metadata.Items("ownerReferences"), errors);
    }

    private static string? Name(ResourceKind kind, string name) => (kind.Group, kind.Plural) switch
    {
        ("", "namespaces") => NameRules.Label(name),
        ("", "services") => NameRules.LetterFirst(name),
        _ => kind.Rules.StrictName ? NameRules.Subdomain(name) : NameRules.Segment(name),
    };

    private static void CheckFinalizers(ResourceKind kind, List<string> finalizers, List<FieldError> errors)
    {
        for (int at = 0; at < finalizers.Count; at++)
        {
            string finalizer = finalizers[at];
            errors.AddRange(NameRules.QualifiedName(finalizer).Select(bad => FieldError.Invalid("metadata.finalizers", finalizer, bad)));
            if (!kind.IsCustom && !finalizer.Contains('/', StringComparison.Ordinal) && !PlainFinalizers.Contains(finalizer))
            {
                errors.Add(FieldError.Invalid($"metadata.finalizers[{at}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
            }
        }
    }

    private static void CheckOwners(IList<JsonNode?> owners, List<FieldError> errors)
    {
        foreach (JsonNode? owner in owners)
        {
            // The version is what must not be empty of an apiVersion.
            foreach ((string field, string what) in (ReadOnlySpan<(string, string)>)[("apiVersion", "version"), ("kind", "kind"), ("name", "name"), ("uid", "uid")])
            {
                if (string.IsNullOrEmpty(owner.Text(field)))
                {
                    errors.Add(FieldError.Invalid($"metadata.ownerReferences.{field}", "", $"{what} must not be empty"));
                }
            }

            if (owner.Text("kind") == "Event" && owner.Text("apiVersion") is "v1" or "events.k8s.io/v1")
            {
                errors.Add(FieldError.Invalid("metadata.ownerReferences", owner, $"{(owner.Text("apiVersion") == "v1" ? "/v1" : "events.k8s.io/v1")}, Kind=Event is disallowed from being an owner"));
            }
        }

        List<string> controllers = [.. owners.Where(owner => owner.Flag("controller") == true).Select(owner => $"{owner.Text("kind")}/{owner.Text("name")}")];
        if (controllers.Count > 1)
        {
            errors.Add(FieldError.Invalid("metadata.ownerReferences", new JsonArray([.. owners.Select(owner => owner?.DeepClone())]),
                $"Only one reference can have Controller set to true. Found \"true\" in references for {string.Join(" and ", controllers)}"));
        }
    }
}
