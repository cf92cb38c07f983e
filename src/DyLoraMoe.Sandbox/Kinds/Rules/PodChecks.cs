using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes a pod's spec invalid beyond its schema.</summary>
internal static class PodChecks
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    /// <summary>Checks a pod spec at <paramref name="path"/>.</summary>
    public static void Check(JsonObject? spec, string path, List<FieldError> errors)
    {
        if (spec is null)
        {
            return;
        }

        if (spec.Items("containers").Count == 0 && spec["containers"] is not null)
        {
            errors.Add(FieldError.Required($"{path}.containers"));
        }

        if (!RestartPolicies.Contains(spec.Text("restartPolicy")))
        {
            errors.Add(FieldError.NotSupported($"{path}.restartPolicy", spec["restartPolicy"], RestartPolicies));
        }

        HashSet<string> volumes = [.. spec.Items("volumes").Select(volume => volume.Text("name") ?? "")];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            IList<JsonNode?> containers = spec.Items(list);
            for (int at = 0; at < containers.Count; at++)
            {
                CheckContainer(containers[at], $"{path}.{list}[{at}]", volumes, names, errors);
            }
        }
    }

    private static void CheckContainer(JsonNode? container, string path, HashSet<string> volumes, HashSet<string> names, List<FieldError> errors)
    {
        if (container.Text("name") is { } name)
        {
            if (NameRules.Label(name) is { } wrong)
            {
                errors.Add(FieldError.Invalid($"{path}.name", name, wrong));
            }
            else if (!names.Add(name))
            {
                errors.Add(FieldError.Duplicate($"{path}.name", name));
            }
        }

        if (string.IsNullOrEmpty(container.Text("image")))
        {
            errors.Add(FieldError.Required($"{path}.image"));
        }

        if (!PullPolicies.Contains(container.Text("imagePullPolicy")))
        {
            errors.Add(FieldError.NotSupported($"{path}.imagePullPolicy", container.At("imagePullPolicy"), PullPolicies));
        }

        IList<JsonNode?> mounts = container.Items("volumeMounts");
        for (int at = 0; at < mounts.Count; at++)
        {
            if (mounts[at].Text("name") is { } volume && !volumes.Contains(volume))
            {
                errors.Add(FieldError.NotFound($"{path}.volumeMounts[{at}].name", volume));
            }
        }
    }
}
