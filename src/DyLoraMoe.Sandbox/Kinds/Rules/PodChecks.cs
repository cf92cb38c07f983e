using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes a pod's spec invalid beyond its schema, in the order in which the real API server looks.</summary>
internal static class PodChecks
{
    private const long LargestUser = int.MaxValue;

    /// <summary>Checks a pod spec at <paramref name="path"/>.</summary>
    public static void Check(JsonObject? spec, string path, List<FieldError> errors)
    {
        if (spec is null)
        {
            return;
        }

        HashSet<string> volumes = VolumeChecks.Check(spec.Items("volumes"), $"{path}.volumes", errors);
        if (spec.Items("containers").Count == 0)
        {
            errors.Add(FieldError.Required($"{path}.containers"));
        }

        ContainerChecks.Check(spec, path, volumes, errors);
        ValueChecks.OneOf(spec["restartPolicy"], $"{path}.restartPolicy", true, errors, "Always", "OnFailure", "Never");
        ValueChecks.OneOf(spec["dnsPolicy"], $"{path}.dnsPolicy", true, errors, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        LabelChecks.Labels(spec["nodeSelector"], $"{path}.nodeSelector", errors);
        Users(spec["securityContext"], $"{path}.securityContext", errors);
        PlacementChecks.Check(spec, path, errors);
        Name(spec, "serviceAccountName", NameRules.Subdomain, path, errors);
        Name(spec, "nodeName", NameRules.Subdomain, path, errors);
        ValueChecks.Between(spec.Whole("activeDeadlineSeconds"), 1, int.MaxValue, $"{path}.activeDeadlineSeconds", errors);
        Name(spec, "hostname", NameRules.Label, path, errors);
        Name(spec, "subdomain", NameRules.Label, path, errors);
        PlacementChecks.Tolerations(spec.Items("tolerations"), $"{path}.tolerations", errors);
        foreach (JsonNode? alias in spec.Items("hostAliases"))
        {
            if (!IPAddress.TryParse(alias.Text("ip"), out _))
            {
                errors.Add(FieldError.Invalid($"{path}.hostAliases.ip", alias.Text("ip") ?? "", "must be valid IP address"));
            }
        }

        Name(spec, "priorityClassName", NameRules.Subdomain, path, errors);
    }

    /// <summary>Checks the users and groups that a security context names.</summary>
    public static void Users(JsonNode? context, string path, List<FieldError> errors)
    {
        foreach (string field in (ReadOnlySpan<string>)["runAsUser", "runAsGroup", "fsGroup"])
        {
            ValueChecks.Between(context.Whole(field), 0, LargestUser, $"{path}.{field}", errors);
        }
    }

    private static void Name(JsonObject spec, string field, Func<string, string?> rule, string path, List<FieldError> errors)
    {
        if (spec.Text(field) is { Length: > 0 } name && rule(name) is { } wrong)
        {
            errors.Add(FieldError.Invalid($"{path}.{field}", name, wrong));
        }
    }
}
