using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>Cells that several kinds' tables share.</summary>
internal static class Cells
{
    /// <summary>Labels or a selector as <c>a=b,c=d</c>.</summary>
    public static string Pairs(JsonNode? node, params ReadOnlySpan<string> path)
    {
        string text = string.Join(',', node.Pairs(path).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
        return text.Length == 0 ? "<none>" : text;
    }

    /// <summary>A text, or <c>&lt;none&gt;</c>.</summary>
    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    /// <summary>A label selector.</summary>
    public static string Selector(JsonNode? node, params ReadOnlySpan<string> path)
    {
        JsonNode? selector = node.At(path);
        List<string> parts = [.. selector.Pairs("matchLabels").OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")];
        foreach (JsonNode? rule in selector.Items("matchExpressions"))
        {
            string key = rule.Text("key") ?? "", values = string.Join(',', rule.Texts("values"));
            parts.Add(rule.Text("operator") switch
            {
                "Exists" => key,
                "DoesNotExist" => $"!{key}",
                "NotIn" => $"{key} notin ({values})",
                _ => $"{key} in ({values})",
            });
        }

        return parts.Count == 0 ? "<none>" : string.Join(',', parts);
    }

    /// <summary>How long a job ran.</summary>
    public static string JobDuration(JsonObject job, DateTimeOffset now)
    {
        if (!Time(job.Text("status", "startTime"), out DateTimeOffset start))
        {
            return "";
        }

        return Ages.Human((Time(job.Text("status", "completionTime"), out DateTimeOffset end) ? end : now) - start);
    }

    /// <summary>The state of a job in one word.</summary>
    public static string JobStatus(JsonObject job)
    {
        HashSet<string> held = [.. job.Items("status", "conditions").Where(condition => condition.Text("status") == "True").Select(condition => condition.Text("type") ?? "")];
        return held.Contains("Complete") ? "Complete" : held.Contains("Failed") ? "Failed" : job.Text("metadata", "deletionTimestamp") is not null
            ? "Terminating" : held.Contains("Suspended") ? "Suspended" : held.Contains("FailureTarget") ? "FailureTarget"
            : held.Contains("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
    }

    /// <summary>Where a Service is reached from outside of the cluster.</summary>
    public static string ExternalAddresses(JsonObject service)
    {
        string? type = service.Text("spec", "type");
        if (type == "ExternalName")
        {
            return service.Text("spec", "externalName") ?? "";
        }

        IEnumerable<string?> balanced = type == "LoadBalancer" ? service.Items("status", "loadBalancer", "ingress").Select(ingress => ingress.Text("ip") ?? ingress.Text("hostname")) : [];
        string all = string.Join(',', balanced.Concat(service.Texts("spec", "externalIPs")));
        return all.Length > 0 ? all : type == "LoadBalancer" ? "<pending>" : "<none>";
    }

    /// <summary>The ports of a Service.</summary>
    public static string Ports(JsonObject service) => OrNone(string.Join(',', service.Items("spec", "ports").Select(port =>
        port.Whole("nodePort") is > 0 and { } node ? $"{port.Whole("port")}:{node}/{port.Text("protocol")}" : $"{port.Whole("port")}/{port.Text("protocol")}")));

    /// <summary>A metric of an autoscaler as current/target.</summary>
    public static string Targets(JsonObject scaler) => OrNone(string.Join(", ", scaler.Items("spec", "metrics").Select((metric, at) =>
    {
        string type = metric.Text("type") ?? "", field = type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..];
        JsonNode? target = metric.At(field, "target"), current = scaler.Items("status", "currentMetrics").ElementAtOrDefault(at).At(field, "current");
        string name = type == "Resource" ? $"{metric.Text(field, "name")}: " : "";
        return target.Whole("averageUtilization") is { } percent
            ? $"{name}{(current.Whole("averageUtilization") is { } now ? $"{now}%" : "<unknown>")}/{percent}%"
            : $"{name}{Quantity(current) ?? "<unknown>"}/{Quantity(target)}{(target.At("averageValue") is null ? "" : " (avg)")}";
    })));

    private static string? Quantity(JsonNode? node) => (node.At("averageValue") ?? node.At("value")) is { } value ? value.Text() ?? JsonText.String(value) : null;

    private static bool Time(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out time);
}
