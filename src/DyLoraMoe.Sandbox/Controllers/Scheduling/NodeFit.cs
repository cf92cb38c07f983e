using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Scheduling;

/// <summary>Whether a pod may run on a node: its node selector and required affinity, and what is left of the node's resources.</summary>
internal static class NodeFit
{
    /// <summary>What a pod asks for: the sum over its containers or the largest init container, whichever is more, plus overhead.</summary>
    public static Dictionary<string, decimal> Requests(V1Pod pod)
    {
        var sum = new Dictionary<string, decimal>();
        foreach (var container in pod.Spec.Containers)
        {
            foreach (var (name, amount) in RequestsOf(container))
            {
                sum[name] = sum.GetValueOrDefault(name) + amount;
            }
        }

        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            foreach (var (name, amount) in RequestsOf(container))
            {
                sum[name] = container.RestartPolicy == "Always"
                    ? sum.GetValueOrDefault(name) + amount
                    : Math.Max(sum.GetValueOrDefault(name), amount);
            }
        }

        foreach (var (name, amount) in pod.Spec.Overhead ?? new Dictionary<string, ResourceQuantity>())
        {
            sum[name] = sum.GetValueOrDefault(name) + amount.ToDecimal();
        }

        return sum;
    }

    /// <summary>Why the pod does not fit, in the scheduler's words; empty when it does.</summary>
    public static IReadOnlyList<string> Reasons(V1Pod pod, V1Node node, IEnumerable<V1Pod> onNode)
    {
        var reasons = new List<string>();
        if (node.Spec?.Unschedulable == true)
        {
            reasons.Add("node(s) were unschedulable");
        }

        if (node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status != "True")
        {
            reasons.Add("node(s) were not ready");
        }

        if (!(pod.Spec.NodeSelector).IsWithin(node.Metadata.Labels) || !AffinityHolds(pod, node))
        {
            reasons.Add("node(s) didn't match Pod's node affinity/selector");
        }

        var running = onNode.ToList();
        var used = running.SelectMany(Requests).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
        if (Allocatable(node, "pods") is { } most && running.Count + 1 > most)
        {
            reasons.Add("Too many pods");
        }

        foreach (var (name, amount) in Requests(pod).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (amount > 0 && used.GetValueOrDefault(name) + amount > (Allocatable(node, name) ?? 0))
            {
                reasons.Add($"Insufficient {name}");
            }
        }

        return reasons;
    }

    private static IEnumerable<(string Name, decimal Amount)> RequestsOf(V1Container container)
    {
        // A limit without a request is also the request.
        var requests = container.Resources?.Requests ?? new Dictionary<string, ResourceQuantity>();
        foreach (var (name, amount) in requests)
        {
            yield return (name, amount.ToDecimal());
        }

        foreach (var (name, amount) in container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>())
        {
            if (!requests.ContainsKey(name))
            {
                yield return (name, amount.ToDecimal());
            }
        }
    }

    private static decimal? Allocatable(V1Node node, string name) =>
        (node.Status?.Allocatable ?? node.Status?.Capacity)?.TryGetValue(name, out var amount) == true ? amount.ToDecimal() : null;

    private static bool AffinityHolds(V1Pod pod, V1Node node)
    {
        var terms = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        return terms is null || terms.Any(term =>
            (term.MatchExpressions ?? []).All(rule => Holds(rule, node.Metadata.Labels ?? new Dictionary<string, string>()))
            && (term.MatchFields ?? []).All(rule => Holds(rule, new Dictionary<string, string> { ["metadata.name"] = node.Metadata.Name })));
    }

    private static bool Holds(V1NodeSelectorRequirement rule, IDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(rule.Key, out var value);
        return rule.OperatorProperty switch
        {
            "Exists" => present,
            "DoesNotExist" => !present,
            "In" => present && rule.Values.Contains(value!),
            "NotIn" => !present || !rule.Values.Contains(value!),
            "Gt" => present && long.TryParse(value, out var left) && long.TryParse(rule.Values[0], out var right) && left > right,
            "Lt" => present && long.TryParse(value, out var left) && long.TryParse(rule.Values[0], out var right) && left < right,
            _ => false,
        };
    }
}
