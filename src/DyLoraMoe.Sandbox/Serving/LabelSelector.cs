using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>A label selector in its text form, such as <c>app=web,tier in (a,b),!old</c>.</summary>
internal sealed partial class LabelSelector
{
    private readonly List<Func<Dictionary<string, string>, bool>> _conditions = [];

    private LabelSelector()
    {
    }

    /// <summary>Whether everything matches.</summary>
    public bool IsEmpty => _conditions.Count == 0;

    /// <summary>Reads a selector.</summary>
    public static LabelSelector Parse(string? text)
    {
        LabelSelector selector = new();
        string rest = (text ?? "").Trim();
        while (rest.Length > 0)
        {
            Match match = Condition().Match(rest);
            if (!match.Success)
            {
                throw ApiException.BadRequest($"unable to parse requirement: found '{rest}', expected: '=', '!=', '==', 'in', notin'");
            }

            selector._conditions.Add(Read(match));
            rest = rest[match.Length..];
        }

        return selector;
    }

    /// <summary>Reads the form that objects have, with matchLabels and matchExpressions.</summary>
    public static bool Matches(JsonNode? selector, Dictionary<string, string> labels) =>
        selector.Pairs("matchLabels").All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value)
        && selector.Items("matchExpressions").All(rule =>
        {
            bool has = labels.TryGetValue(rule.Text("key") ?? "", out string? value);
            bool listed = has && rule.Texts("values").Contains(value);
            return rule.Text("operator") switch { "In" => listed, "NotIn" => !listed, "Exists" => has, _ => !has };
        });

    /// <summary>Whether an object's labels match.</summary>
    public bool Matches(JsonObject item) => IsEmpty || item.Pairs("metadata", "labels") is var labels && _conditions.TrueForAll(condition => condition(labels));

    private static Func<Dictionary<string, string>, bool> Read(Match match)
    {
        string key = match.Groups["key"].Value, value = match.Groups["value"].Value;
        HashSet<string> values = [.. match.Groups["values"].Value.Split(',').Select(item => item.Trim())];
        return match.Groups["op"].Value switch
        {
            "" => match.Groups["not"].Success ? labels => !labels.ContainsKey(key) : labels => labels.ContainsKey(key),
            "!=" => labels => labels.GetValueOrDefault(key) != value,
            "in" => labels => labels.TryGetValue(key, out string? found) && values.Contains(found),
            "notin" => labels => !labels.TryGetValue(key, out string? found) || !values.Contains(found),
            _ => labels => labels.TryGetValue(key, out string? found) && found == value,
        };
    }

    [GeneratedRegex(@"^\s*(?<not>!)?\s*(?<key>[A-Za-z0-9][-A-Za-z0-9_./]*)\s*(((?<op>==|=|!=)\s*(?<value>[-A-Za-z0-9_.]*))|(?<op>in|notin)\s*\((?<values>[^)]*)\))?\s*(,|$)")]
    private static partial Regex Condition();
}
