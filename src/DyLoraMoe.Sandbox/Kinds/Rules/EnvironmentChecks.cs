using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes the environment of a container invalid.</summary>
internal static class EnvironmentChecks
{
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];

    private static readonly string[] WholeSources = ["configMapRef", "secretRef"];

    private static readonly string[] PodFields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    /// <summary>Checks env and envFrom of a container.</summary>
    public static void Check(JsonNode? container, string path, List<FieldError> errors)
    {
        IList<JsonNode?> variables = container.Items("env");
        for (int at = 0; at < variables.Count; at++)
        {
            string inner = $"{path}.env[{at}]";
            string name = variables[at].Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Add(FieldError.Required($"{inner}.name"));
            }
            else if (NameRules.Variable(name) is { } wrong)
            {
                errors.Add(FieldError.Invalid($"{inner}.name", name, wrong));
            }

            if (variables[at].Map("valueFrom") is { } source)
            {
                Source(source, $"{inner}.valueFrom", errors);
                if (variables[at].Text("value") is { Length: > 0 })
                {
                    errors.Add(FieldError.Invalid($"{inner}.valueFrom", "", "may not be specified when `value` is not empty"));
                }
            }
        }

        Whole(container.Items("envFrom"), path, errors);
    }

    private static void Source(JsonObject source, string path, List<FieldError> errors)
    {
        int count = Sources.Count(name => source.Map(name) is not null);
        if (source.Text("fieldRef", "fieldPath") is { } field && !PodFields.Contains(field.Split('[')[0]))
        {
            errors.Add(FieldError.Invalid($"{path}.fieldRef.fieldPath", field, $"error converting fieldPath: field label not supported: {field}"));
        }

        foreach (string name in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (source.Map(name) is not { } reference)
            {
                continue;
            }

            Name(reference, $"{path}.{name}.name", errors);
            if (string.IsNullOrEmpty(reference.Text("key")))
            {
                errors.Add(FieldError.Required($"{path}.{name}.key"));
            }
            else if (NameRules.ConfigKey(reference.Text("key")!) is { } wrong)
            {
                errors.Add(FieldError.Invalid($"{path}.{name}.key", reference["key"], wrong));
            }
        }

        if (count != 1)
        {
            errors.Add(FieldError.Invalid(path, "", count == 0
                ? "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
                : "may not have more than one field specified at a time"));
        }
    }

    private static void Whole(IList<JsonNode?> sources, string path, List<FieldError> errors)
    {
        for (int at = 0; at < sources.Count; at++)
        {
            if (sources[at].Text("prefix") is { Length: > 0 } prefix && NameRules.Variable(prefix) is { } wrong)
            {
                errors.Add(FieldError.Invalid($"{path}.envFrom[{at}].prefix", prefix, wrong));
            }

            List<string> named = [.. WholeSources.Where(name => sources[at].Map(name) is not null)];
            named.ForEach(name => Name(sources[at].Map(name)!, $"{path}.envFrom[{at}].{name}.name", errors));
            if (named.Count != 1)
            {
                errors.Add(FieldError.Invalid($"{path}.envFrom", "", named.Count == 0
                    ? "must specify one of: `configMapRef` or `secretRef`" : "may not have more than one field specified at a time"));
            }
        }
    }

    private static void Name(JsonObject reference, string path, List<FieldError> errors)
    {
        if (NameRules.Subdomain(reference.Text("name") ?? "") is { } wrong)
        {
            errors.Add(FieldError.Invalid(path, reference.Text("name") ?? "", wrong));
        }
    }
}
