using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>The JSONPath of printer columns: fields, indices, slices, <c>*</c>, and filters such as <c>[?(@.type=="Ready")]</c>.</summary>
internal sealed partial class JsonPath
{
    private readonly List<Func<JsonNode, IEnumerable<JsonNode?>>> _steps = [];

    private JsonPath()
    {
    }

    /// <summary>Reads a path such as <c>.status.conditions[?(@.type=="Ready")].status</c>.</summary>
    /// <exception cref="FormatException">The text is no path.</exception>
    public static JsonPath Parse(string text)
    {
        JsonPath path = new();
        string rest = text.Trim().TrimStart('{').TrimEnd('}').TrimStart('$');
        while (rest.Length > 0)
        {
            rest = path.Step(rest, text);
        }

        return path;
    }

    /// <summary>What the path finds, nulls left out.</summary>
    public IEnumerable<JsonNode> Select(JsonNode node)
    {
        IEnumerable<JsonNode> found = [node];
        foreach (var step in _steps)
        {
            found = [.. found.SelectMany(step).OfType<JsonNode>()];
        }

        return found;
    }

    private string Step(string rest, string whole)
    {
        if (Field().Match(rest) is { Success: true } field)
        {
            string name = field.Groups["name"].Value.Replace("\\", "", StringComparison.Ordinal);
            _steps.Add(name == "*" ? Children : node => [node.At(name)]);
            return rest[field.Length..];
        }

        if (Quoted().Match(rest) is { Success: true } quoted)
        {
            string name = quoted.Groups["name"].Value;
            _steps.Add(node => [node.At(name)]);
            return rest[quoted.Length..];
        }

        if (Filter().Match(rest) is { Success: true } filter)
        {
            JsonPath left = Parse(filter.Groups["left"].Value);
            string comparison = filter.Groups["op"].Value;
            string right = filter.Groups["right"].Value.Trim();
            _steps.Add(node => Children(node).Where(item => item is not null && Holds(left, comparison, right, item)));
            return rest[filter.Length..];
        }

        if (Range().Match(rest) is { Success: true } range)
        {
            string from = range.Groups["from"].Value, to = range.Groups["to"].Value;
            bool slice = range.Groups["colon"].Success;
            _steps.Add(node => from.Length == 0 && to.Length == 0 && !slice ? Children(node) : Slice(node, from, to, slice));
            return rest[range.Length..];
        }

        throw new FormatException($"expected a JSONPath of fields, indices and filters, found '{rest}' in '{whole}'");
    }

    private static IEnumerable<JsonNode?> Children(JsonNode node) => node switch
    {
        JsonArray array => array,
        JsonObject item => item.Select(pair => pair.Value),
        _ => [],
    };

    private static IEnumerable<JsonNode?> Slice(JsonNode node, string from, string to, bool slice)
    {
        if (node is not JsonArray array)
        {
            return [];
        }

        int start = from.Length == 0 ? 0 : int.Parse(from, CultureInfo.InvariantCulture);
        start = start < 0 ? start + array.Count : start;
        int end = !slice ? start + 1 : to.Length == 0 ? array.Count : int.Parse(to, CultureInfo.InvariantCulture);
        end = slice && end < 0 ? end + array.Count : end;
        return Enumerable.Range(start, Math.Max(0, end - start)).Where(at => at >= 0 && at < array.Count).Select(at => array[at]);
    }

    private static bool Holds(JsonPath left, string comparison, string right, JsonNode item)
    {
        JsonNode? value = left.Select(item).FirstOrDefault();
        if (comparison.Length == 0)
        {
            return value is not null;
        }

        if (value is null)
        {
            return false;
        }

        int order = right.StartsWith('"') || right.StartsWith('\'')
            ? string.CompareOrdinal(value.Text() ?? JsonText.String(value), right[1..^1])
            : value.IsNumber() && double.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? value.ToDouble().CompareTo(number)
                : string.CompareOrdinal(JsonText.String(value), right);
        return comparison switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            _ => order <= 0,
        };
    }

    [GeneratedRegex(@"^\.(?<name>\*|(\\.|[^.\[\]\\])+)")]
    private static partial Regex Field();

    [GeneratedRegex(@"^\[['""](?<name>[^'""]+)['""]\]")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\[\?\(\s*@(?<left>[^=!<>)]*?)\s*((?<op>==|!=|<=|>=|<|>)\s*(?<right>""[^""]*""|'[^']*'|[^)]*?)\s*)?\)\]")]
    private static partial Regex Filter();

    [GeneratedRegex(@"^\[(\*|(?<from>-?\d*)((?<colon>:)(?<to>-?\d*))?)\]")]
    private static partial Regex Range();
}
