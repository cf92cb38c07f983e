using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Label selectors as the API means them.</summary>
internal static class Selectors
{
    public static bool Matches(this V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null)
        {
            return false;
        }

        labels ??= new Dictionary<string, string>();
        return (selector.MatchLabels ?? new Dictionary<string, string>()).All(pair => labels.TryGetValue(pair.Key, out var value) && value == pair.Value)
            && (selector.MatchExpressions ?? []).All(rule => Holds(rule, labels));
    }

    public static bool MatchesAll(this IDictionary<string, string>? wanted, IDictionary<string, string>? labels) =>
        wanted is { Count: > 0 } && wanted.All(pair => labels is not null && labels.TryGetValue(pair.Key, out var value) && value == pair.Value);

    /// <summary>Whether all labels wanted (none is fine) are there.</summary>
    public static bool IsWithin(this IDictionary<string, string>? wanted, IDictionary<string, string>? labels) =>
        wanted is null or { Count: 0 } || wanted.MatchesAll(labels);

    /// <summary>The selector as a string, as the scale subresource shows it.</summary>
    public static string Text(this V1LabelSelector? selector) => string.Join(
        ',',
        (selector?.MatchLabels ?? new Dictionary<string, string>()).Select(pair => $"{pair.Key}={pair.Value}")
            .Concat((selector?.MatchExpressions ?? []).Select(Text)));

    private static string Text(V1LabelSelectorRequirement rule) => rule.OperatorProperty switch
    {
        "Exists" => rule.Key,
        "DoesNotExist" => $"!{rule.Key}",
        "In" => $"{rule.Key} in ({string.Join(',', rule.Values)})",
        _ => $"{rule.Key} notin ({string.Join(',', rule.Values)})",
    };

    private static bool Holds(V1LabelSelectorRequirement rule, IDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(rule.Key, out var value);
        return rule.OperatorProperty switch
        {
            "Exists" => present,
            "DoesNotExist" => !present,
            "In" => present && rule.Values.Contains(value!),
            "NotIn" => !present || !rule.Values.Contains(value!),
            _ => false,
        };
    }
}
