using DyLoraMoe.Router.CommandLine;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;
using DyLoraMoe.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Router.Tests;

public sealed class DocumentationTests
{
    private static readonly string _reference = File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "docs", "reference", "router.md"));

    [Fact]
    public void Every_option_is_in_the_reference()
    {
        var options = new Arguments().Command(_ => Task.FromResult(0)).Options.Select(option => option.Name).Where(name => name is not ("--help" or "--version"));

        Assert.All(options, option => Assert.Contains(option, _reference, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_metric_is_in_the_reference()
    {
        using var state = new SetState();
        var lines = new RouterMetrics(state, new GpuReadings(), NullLogger<RouterMetrics>.Instance).Text().Split('\n');
        var names = lines.Where(line => line.StartsWith("# TYPE dylora_router_", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]["dylora_router_".Length..]).ToList();

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains($"`{name}`", _reference, StringComparison.Ordinal));
    }
}
