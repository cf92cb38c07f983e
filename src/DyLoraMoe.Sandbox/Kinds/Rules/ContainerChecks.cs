using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes the containers of a pod invalid.</summary>
internal static class ContainerChecks
{
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    /// <summary>Checks the containers of a pod spec; an init container may not have the name of another container.</summary>
    public static void Check(JsonObject spec, string path, HashSet<string> volumes, List<FieldError> errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            IList<JsonNode?> containers = spec.Items(list);
            for (int at = 0; at < containers.Count; at++)
            {
                string inner = $"{path}.{list}[{at}]";
                Check(containers[at], inner, volumes, errors);
                if (containers[at].Text("name") is { Length: > 0 } name && !names.Add(name))
                {
                    errors.Add(FieldError.Duplicate($"{inner}.name", name));
                }
            }
        }
    }

    private static void Check(JsonNode? container, string path, HashSet<string> volumes, List<FieldError> errors)
    {
        string name = container.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required($"{path}.name"));
        }
        else if (NameRules.Label(name) is { } wrong)
        {
            errors.Add(FieldError.Invalid($"{path}.name", name, wrong));
        }

        if (string.IsNullOrEmpty(container.Text("image")))
        {
            errors.Add(FieldError.Required($"{path}.image"));
        }

        foreach (string hook in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            ProbeChecks.Hook(container.Map("lifecycle", hook), $"{path}.lifecycle.{hook}", errors);
        }

        foreach (string probe in Probes)
        {
            ProbeChecks.Check(container.Map(probe), $"{path}.{probe}", probe != "readinessProbe", errors);
        }

        ValueChecks.OneOf(container.At("terminationMessagePolicy"), $"{path}.terminationMessagePolicy", true, errors, "File", "FallbackToLogsOnError");
        Ports(container.Items("ports"), $"{path}.ports", errors);
        EnvironmentChecks.Check(container, path, errors);
        VolumeChecks.Mounts(container.Items("volumeMounts"), $"{path}.volumeMounts", volumes, errors);
        ValueChecks.OneOf(container.At("imagePullPolicy"), $"{path}.imagePullPolicy", true, errors, "Always", "IfNotPresent", "Never");
        ResourceChecks.Check(container.Map("resources"), $"{path}.resources", errors);
        PodChecks.Users(container.At("securityContext"), $"{path}.securityContext", errors);
    }

    private static void Ports(IList<JsonNode?> ports, string path, List<FieldError> errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int at = 0; at < ports.Count; at++)
        {
            string inner = $"{path}[{at}]";
            if (ports[at].Text("name") is { Length: > 0 } name)
            {
                int known = errors.Count;
                errors.AddRange(NameRules.Port(name).Select(bad => FieldError.Invalid($"{inner}.name", name, bad)));
                if (errors.Count == known && !names.Add(name))
                {
                    errors.Add(FieldError.Duplicate($"{inner}.name", name));
                }
            }

            if (ports[at].Whole("containerPort") is null or 0)
            {
                errors.Add(FieldError.Required($"{inner}.containerPort"));
            }

            ValueChecks.Port(ports[at].Whole("containerPort") is 0 ? null : ports[at].Whole("containerPort"), $"{inner}.containerPort", errors);
            ValueChecks.Port(ports[at].Whole("hostPort") is 0 ? null : ports[at].Whole("hostPort"), $"{inner}.hostPort", errors);
            ValueChecks.OneOf(ports[at].At("protocol"), $"{inner}.protocol", true, errors, "SCTP", "TCP", "UDP");
        }
    }
}
