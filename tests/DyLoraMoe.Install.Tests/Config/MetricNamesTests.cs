using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>Dashboards and alerts ask for metrics that the programs have, by labels that they carry, and every alert has a section of the runbook.</summary>
public sealed partial class MetricNamesTests
{
    private static readonly string[] _dashboards = ["operator", "router"];

    private static readonly string[] _severities = ["critical", "warning", "info"];

    // Labels of a scrape, which Prometheus adds.
    private static readonly string[] _scrape = ["namespace", "pod", "job", "instance", "le"];

    [Theory]
    [InlineData("operator")]
    [InlineData("router")]
    public void A_dashboard_asks_for_what_there_is(string name)
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Dashboard(name)))!;
        var panels = dashboard["panels"]!.AsArray();
        var queries = panels.SelectMany(panel => panel!["targets"]!.AsArray().Select(target => (string)target!["expr"]!)).ToList();

        Assert.Distinct(panels.Select(panel => (int)panel!["id"]!));
        Assert.NotEmpty(queries);
        Assert.All(queries.Concat(dashboard["templating"]!["list"]!.AsArray().Where(variable => (string)variable!["type"]! == "query").Select(variable => (string)variable!["query"]!["query"]!)), AssertKnown);
        Assert.All(panels, panel => Assert.InRange((int)panel!["gridPos"]!["x"]! + (int)panel["gridPos"]!["w"]!, 1, 24));
    }

    // What a process has counted begins anew with the next one.
    [Theory]
    [InlineData("operator")]
    [InlineData("router")]
    public void A_dashboard_shows_of_a_counter_what_was_added_in_some_time(string name) =>
        Assert.All(
            JsonNode.Parse(File.ReadAllText(Dashboard(name)))!["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray(), (panel, target) => (Title: (string)panel!["title"]!, Query: (string)target!["expr"]!)),
            shown => Assert.False(BareCounter().IsMatch(shown.Query), $"{shown.Title}: expected rate or increase over some time, found {shown.Query}"));

    [Fact]
    public void Alerts_ask_for_what_there_is_and_each_is_in_the_runbook()
    {
        var runbook = Read("docs/operations/runbook.md");
        var alerts = Alerts();

        Assert.True(alerts.Count >= 10);
        Assert.Distinct(alerts.Select(alert => (string)alert["alert"]!));
        foreach (var alert in alerts)
        {
            var name = (string)alert["alert"]!;
            AssertKnown((string)alert["expr"]!);
            Assert.Contains((string)alert["labels"]!["severity"]!, _severities);
            Assert.NotEmpty((string)alert["annotations"]!["summary"]!);
            Assert.NotEmpty((string)alert["annotations"]!["description"]!);
            Assert.Contains($"\n## {name}\n", runbook, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_runbook_has_no_alert_that_is_gone() =>
        Assert.Subset(Alerts().Select(alert => (string)alert["alert"]!).ToHashSet(), Heading().Matches(Read("docs/operations/runbook.md")).Select(match => match.Groups[1].Value).ToHashSet());

    [Theory]
    [InlineData("https://wiki.example.com/runbook")]
    [InlineData("")]
    public void Links_of_alerts_lead_into_the_runbook_where_it_is_known(string runbook)
    {
        var rules = YamlJson.Read(Renderer.Template(ChartCases.Monitored with { Set = [.. ChartCases.Monitored.Set, $"metrics.prometheusRule.runbookUrl={runbook}"] }))
            .Single(manifest => manifest.Kind() == "PrometheusRule")["spec"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).ToList();

        Assert.Equal(Alerts().Count, rules.Count);
        Assert.All(rules, rule => Assert.Equal(runbook.Length == 0 ? null : $"{runbook}#{((string)rule!["alert"]!).ToLowerInvariant()}", (string?)rule!["annotations"]!["runbook_url"]));
    }

    // A label of the scrape would rename the one of the same name that routers have.
    [Fact]
    public void The_endpoint_of_a_request_keeps_its_name()
    {
        var monitor = YamlJson.Read(Renderer.Template(ChartCases.Monitored)).Single(manifest => manifest.Kind() == "PodMonitor");

        Assert.Equal("""[{"action":"labeldrop","regex":"endpoint"}]""", monitor["spec"]!["podMetricsEndpoints"]!.AsArray().Single()!["relabelings"]!.ToJsonString());
    }

    [Fact]
    public void Config_has_the_dashboards_of_the_chart() =>
        Assert.All(_dashboards, name => Assert.Equal(File.ReadAllText(Dashboard(name)), Read($"config/monitoring/dashboards/{name}.json")));

    private static void AssertKnown(string query)
    {
        foreach (Match match in Metric().Matches(query))
        {
            var name = match.Value;
            var documented = Known().FirstOrDefault(metric => name == metric.Name || (metric.Name + "_bucket") == name);
            Assert.True(documented.Name is not null, $"{query}: there is no metric {name}");
        }

        var labels = Known().SelectMany(metric => metric.Labels).Concat(_scrape).Append("code").Append("expert").Append("endpoint").ToHashSet();
        Assert.All(Grouping().Matches(query).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), label => Assert.Contains(label, labels));
    }

    // Names from the pages that list them, which say what a scrape gives.
    private static IEnumerable<(string Name, string[] Labels)> Known() =>
        OperatorRow().Matches(Read("docs/reference/operator.md")).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries)))
            .Concat(RouterRow().Matches(Read("docs/reference/router.md").Split("| metric (`dylora_router_...`)")[1]).Select(match => ("dylora_router_" + match.Groups[1].Value, Array.Empty<string>())));

    private static List<JsonObject> Alerts() => [.. YamlJson.Read(File.ReadAllText(Path.Combine(Renderer.ChartFolder, "files", "alerts.yaml"))).Single()["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!.AsObject())];

    private static string Dashboard(string name) => Path.Combine(Renderer.ChartFolder, "files", "dashboards", name + ".json");

    private static string Read(string file) => File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, file));

    [GeneratedRegex(@"_(total|bucket)\b(?!(\{[^}]*\})?\[)")]
    private static partial Regex BareCounter();

    [GeneratedRegex("\\b(dylora_[a-z_]+|up|kube_[a-z_]+|container_[a-z_]+|process_[a-z_]+|dotnet_[a-z_]+)\\b")]
    private static partial Regex Metric();

    [GeneratedRegex("\\b(?:by|on) ?\\(([a-z_, ]+)\\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("^\\| `(dylora_[a-z_]+)` \\| ([a-z_, ]*) \\|", RegexOptions.Multiline)]
    private static partial Regex OperatorRow();

    [GeneratedRegex("^\\| `([a-z_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex RouterRow();

    [GeneratedRegex("^## (Dylora[A-Za-z]+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
