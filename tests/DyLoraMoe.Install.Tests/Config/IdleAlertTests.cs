using System.Globalization;
using System.Text.RegularExpressions;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>The alert of an operator that does nothing: a healthy one with nothing to do still looks at everything now and then.</summary>
public sealed partial class IdleAlertTests
{
    // Of the time between two looks.
    private const double Spread = 1.2;

    [Theory]
    [InlineData(null, "4h")]
    [InlineData(900, "4h")]
    [InlineData(7200, "4h")]
    [InlineData(7201, "14402s")]
    [InlineData(86400, "172800s")]
    public void It_waits_for_longer_than_a_quiet_operator_does(int? resyncSeconds, string window)
    {
        var found = Window(resyncSeconds is null ? [] : [$"operator.options.resyncSeconds={resyncSeconds}"]);

        Assert.Equal(window, found);
        Assert.True(Seconds(found) > Spread * (resyncSeconds ?? DefaultResync()), found);
    }

    [Fact]
    public void The_runbook_says_for_how_long()
    {
        var section = Read("docs/operations/runbook.md").Split("## DyloraOperatorIdle\n")[1].Split("\n## ")[0];

        Assert.Contains("four hours at least", section, StringComparison.Ordinal);
        Assert.Contains($"`[{Window([])}]`", section, StringComparison.Ordinal);
        Assert.Contains($"more than {DefaultResync()}.", section, StringComparison.Ordinal);
    }

    private static string Window(string[] set)
    {
        var rules = YamlJson.Read(Renderer.Template(ChartCases.Monitored with { Set = [.. ChartCases.Monitored.Set, .. set] })).Single(manifest => manifest.Kind() == "PrometheusRule")["spec"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray());
        return Range().Match((string)rules.Single(rule => (string)rule!["alert"]! == "DyloraOperatorIdle")!["expr"]!).Groups[1].Value;
    }

    private static int Seconds(string duration) => int.Parse(duration[..^1], CultureInfo.InvariantCulture) * (duration[^1] == 'h' ? 3600 : 1);

    private static int DefaultResync() => int.Parse(Row().Match(Read("docs/reference/operator.md")).Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Read(string file) => File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, file));

    [GeneratedRegex("\\[([0-9]+[hs])\\]")]
    private static partial Regex Range();

    [GeneratedRegex("`DYLORA_RESYNC_SECONDS` \\| ([0-9]+) \\|")]
    private static partial Regex Row();
}
