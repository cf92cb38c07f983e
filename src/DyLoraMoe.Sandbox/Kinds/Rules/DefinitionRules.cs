using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Definitions of custom resources. What they define is served from the moment of the write.</summary>
internal sealed class DefinitionRules : KindRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is not { } spec || spec.Map("names") is not { } names)
        {
            return;
        }

        spec.Ensure("conversion").Default("strategy", "None");
        names.Default("singular", names.Text("kind")?.ToLowerInvariant());
        names.Default("listKind", names.Text("kind") + "List");
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context) => item["status"] = Accepted(item, context, null);

    /// <inheritdoc/>
    public override void PrepareUpdate(JsonObject item, JsonObject old, KindContext context) => item["status"] = Accepted(item, context, old);

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        string name = item.Text("metadata", "name") ?? "";
        string expected = $"{item.Text("spec", "names", "plural")}.{item.Text("spec", "group")}";
        if (name != expected)
        {
            errors.Add(FieldError.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
        }

        if (item.Text("spec", "scope") is not ("Namespaced" or "Cluster") and { } scope)
        {
            errors.Add(FieldError.NotSupported("spec.scope", scope, "Cluster", "Namespaced"));
        }

        IList<JsonNode?> versions = item.Items("spec", "versions");
        if (versions.Count(version => version.Flag("storage") == true) != 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", item.At("spec", "versions"), "must have exactly one version marked as storage version"));
        }

        for (int at = 0; at < versions.Count; at++)
        {
            string path = $"spec.versions[{at}].schema.openAPIV3Schema";
            JsonObject? schema = versions[at].Map("schema", "openAPIV3Schema");
            if (schema is null)
            {
                errors.Add(FieldError.Required(path, "schemas are required"));
            }
            else
            {
                DefinitionChecks.Check(schema, path, errors);
            }
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        foreach (string[] path in (ReadOnlySpan<string[]>)[["spec", "group"], ["spec", "scope"], ["spec", "names", "plural"], ["spec", "names", "kind"]])
        {
            if (!item.At(path).Same(old.At(path)))
            {
                errors.Add(FieldError.Invalid(string.Join('.', path), item.At(path), "field is immutable"));
            }
        }
    }

    private static JsonObject Accepted(JsonObject item, KindContext context, JsonObject? old)
    {
        string now = context.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        JsonArray conditions = old?.At("status", "conditions")?.DeepClone() as JsonArray
            ?? [Condition("NamesAccepted", "NoConflicts", "no conflicts found", now), Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)];
        List<string> stored = [.. old.Texts("status", "storedVersions")];
        string storage = item.Items("spec", "versions").FirstOrDefault(version => version.Flag("storage") == true).Text("name") ?? "";
        if (!stored.Contains(storage))
        {
            stored.Add(storage);
        }

        return new JsonObject
        {
            ["acceptedNames"] = item.At("spec", "names")?.DeepClone(),
            ["conditions"] = conditions,
            ["storedVersions"] = new JsonArray([.. stored.Select(version => (JsonNode?)version)]),
        };
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
