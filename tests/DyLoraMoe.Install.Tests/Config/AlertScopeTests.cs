using System.Text.RegularExpressions;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>Where namespaces have operators of their own, the alerts of each look at its own metrics: one that works silences none of the others.</summary>
public sealed partial class AlertScopeTests
{
    private static readonly string[] _namespaced = ["scope=namespace", "watchNamespace=team", "operator.options.resyncSeconds=86400"];

    [Fact]
    public void An_operator_for_one_namespace_is_missed_by_its_own_metrics()
    {
        var queries = Queries(_namespaced);

        Assert.Equal("""absent(dylora_api_calls_total{namespace="blue"})""", queries["DyloraOperatorAbsent"]);
        Assert.Equal(
            """sum(increase(dylora_reconciles_total{namespace="blue"}[172800s])) == 0 and sum(max by (backbone_namespace, backbone, ready) (dylora_skills{namespace="blue"})) > 0""",
            queries["DyloraOperatorIdle"]);
    }

    [Fact]
    public void None_of_its_alerts_asks_for_metrics_of_other_operators() =>
        Assert.All(Queries(_namespaced).Values, query => Assert.DoesNotContain("dylora_", OwnSeries().Replace(query, ""), StringComparison.Ordinal));

    [Fact]
    public void An_operator_for_all_is_alone() => Assert.All(Queries([]).Values, query => Assert.DoesNotContain("namespace=", query, StringComparison.Ordinal));

    private static Dictionary<string, string> Queries(string[] set) =>
        YamlJson.Read(Renderer.Template(ChartCases.Monitored with { Namespace = "blue", Set = [.. ChartCases.Monitored.Set, .. set] }))
            .Single(manifest => manifest.Kind() == "PrometheusRule")["spec"]!["groups"]!.AsArray().Single(group => (string)group!["name"]! == "dylora-operator")!["rules"]!.AsArray()
            .ToDictionary(rule => (string)rule!["alert"]!, rule => (string)rule!["expr"]!);

    [GeneratedRegex("dylora_[a-z_]+\\{namespace=\"blue\"[,}]")]
    private static partial Regex OwnSeries();
}
