using System.Globalization;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>The downward API: what a container may be told about its own pod.</summary>
internal static class PodFields
{
    public static string Read(V1Pod pod, string path, string podIp)
    {
        if (Keyed(path, "metadata.labels", pod.Metadata.Labels) is { } label)
        {
            return label;
        }

        if (Keyed(path, "metadata.annotations", pod.Metadata.Annotations) is { } annotation)
        {
            return annotation;
        }

        return path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Lines(pod.Metadata.Labels),
            "metadata.annotations" => Lines(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName,
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.hostIP" or "status.hostIPs" => "127.0.0.1",
            "status.podIP" or "status.podIPs" => podIp,
            _ => throw new SetupException("CreateContainerConfigError", $"unsupported fieldPath: {path}"),
        };
    }

    /// <summary>A request or limit, in units of the divisor, rounded up.</summary>
    public static string Resource(V1Pod pod, V1ResourceFieldSelector field, string container)
    {
        var of = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? [])
            .FirstOrDefault(item => item.Name == (string.IsNullOrEmpty(field.ContainerName) ? container : field.ContainerName));
        var (kind, name) = field.Resource.Split('.', 2) is [var first, var second] ? (first, second) : ("", "");
        var amounts = kind == "limits" ? of?.Resources?.Limits : of?.Resources?.Requests;
        var amount = amounts is not null && amounts.TryGetValue(name, out var quantity) ? quantity.ToDecimal()
            : kind == "limits" && name == "cpu" ? Environment.ProcessorCount
            : kind == "limits" && name == "memory" ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
            : 0;
        var divisor = field.Divisor?.ToDecimal() is > 0 and var given ? given : 1;
        return Math.Ceiling(amount / divisor).ToString("0", CultureInfo.InvariantCulture);
    }

    private static string? Keyed(string path, string field, IDictionary<string, string>? values)
    {
        if (!path.StartsWith(field + "['", StringComparison.Ordinal) || !path.EndsWith("']", StringComparison.Ordinal))
        {
            return null;
        }

        var key = path[(field.Length + 2)..^2];
        return values is not null && values.TryGetValue(key, out var value) ? value : "";
    }

    private static string Lines(IDictionary<string, string>? values) => string.Join(
        '\n', (values ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}=\"{pair.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
