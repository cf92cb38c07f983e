using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>docs/reference/chart.md lists the values of the chart with their defaults, and nothing else.</summary>
public sealed partial class ValuesPageTests
{
    [Fact]
    public void The_page_lists_every_value_with_its_default()
    {
        var page = File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "docs", "reference", "chart.md"));
        var listed = Row().Matches(page).Select(match => (Name: match.Groups[1].Value, Default: match.Groups[2].Value.Trim('`'))).ToList();
        var values = Leaves(JsonNode.Parse(Renderer.Values(ChartCases.Defaults))!.AsObject(), "").ToList();

        Assert.Equal(values.OrderBy(each => each.Name, StringComparer.Ordinal), listed.OrderBy(each => each.Name, StringComparer.Ordinal));
    }

    private static IEnumerable<(string Name, string Default)> Leaves(JsonObject values, string above) => values.SelectMany(value => value.Value switch
    {
        JsonObject { Count: > 0 } table when above + value.Key is not ("operator.resources" or "operator.nodeSelector" or "backbone.spec") => Leaves(table, $"{above}{value.Key}."),
        var leaf => [(above + value.Key, leaf!.ToJsonString())],
    });

    [GeneratedRegex("^\\| `([A-Za-z.]+)` \\| ([^|]*?) \\| [^|]+ \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
