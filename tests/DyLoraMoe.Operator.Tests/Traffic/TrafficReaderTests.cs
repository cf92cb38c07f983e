using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DyLoraMoe.Api;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Traffic;

public sealed class TrafficReaderTests : IAsyncLifetime
{
    private readonly OperatorWorld _world = new();
    private readonly FakeNetwork _network = new();

    public async ValueTask InitializeAsync()
    {
        _world.Apply();
        _world.Learn("reverse");
        _world.Learn("sum");
        await _world.SettleAsync();
        Run("one", "10.0.0.1");
    }

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        _network.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_status_of_an_expert_says_its_share_of_the_traffic()
    {
        Assert.Equal((null, null), Shares());
        Run("two", "10.0.0.2");
        _network.Answer("10.0.0.1", 300, ("reverse", 0.8), ("sum", 0.1));
        _network.Answer("10.0.0.2", 100, ("reverse", 0.4), ("sum", 0.5));

        Assert.Equal(["reverse", "sum"], await ReadAsync());
        Assert.Equal((70, 20), Shares());
    }

    [Fact]
    public async Task Traffic_that_stays_about_the_same_writes_nothing()
    {
        _network.Answer("10.0.0.1", 100, ("reverse", 0.7), ("sum", 0.3));
        await ReadAsync();
        var version = _world.Server.Version;

        Assert.Empty(await ReadAsync());
        _network.Answer("10.0.0.1", 200, ("reverse", 0.74), ("sum", 0.26));
        Assert.Empty(await ReadAsync());
        await _world.SettleAsync();
        Assert.Equal(version, _world.Server.Version);

        _network.Answer("10.0.0.1", 300, ("reverse", 0.98), ("sum", 0.001));
        Assert.Equal(["reverse", "sum"], await ReadAsync());
        Assert.Equal((98, 0), Shares());
    }

    [Fact]
    public async Task Routers_that_had_no_prompts_yet_leave_no_figure_and_the_last_one_alone()
    {
        _network.Answer("10.0.0.1", 0, ("reverse", 0), ("sum", 0));
        Assert.Empty(await ReadAsync());
        Assert.Equal((null, null), Shares());

        _network.Answer("10.0.0.1", 10, ("reverse", 0.7), ("sum", 0));
        await ReadAsync();
        _network.Answer("10.0.0.1", 0, ("reverse", 0), ("sum", 0));
        Assert.Empty(await ReadAsync());
        Assert.Equal((70, 0), Shares());
    }

    [Fact]
    public async Task A_router_that_cannot_be_reached_leaves_the_last_figure_also_over_a_restart()
    {
        _network.Answer("10.0.0.1", 10, ("reverse", 0.7), ("sum", 0.3));
        await ReadAsync();
        _network.Silence("10.0.0.1");

        Assert.Empty(await ReadAsync());
        _world.Restart();
        Assert.Empty(await ReadAsync());
        await _world.SettleAsync();
        Assert.Equal((70, 30), Shares());
    }

    [Fact]
    public async Task Of_several_routers_those_count_that_answer_shortly_and_soon()
    {
        var page = FakeNetwork.Page(1000, ("reverse", 0), ("sum", 1));
        var tooLong = page + new string('\n', 2 << 20);
        string[] strange = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"];
        foreach (var address in strange.Append("fd00::7"))
        {
            Run($"pod-{address.Replace(':', '-')}", address);
        }

        _network.Answer(strange[0], "<html>Log in</html>");
        _network.Answer(strange[1], tooLong);
        _network.Answer(strange[2], () => new StreamContent(Open(tooLong, isWhole: true)));
        _network.Answer(strange[3], () => new StreamContent(Open(page, isWhole: false)));
        _network.Answer("10.0.0.1", 10, ("reverse", 1), ("sum", 0));
        _network.Answer("[fd00::7]", 10, ("reverse", 0.5), ("sum", 0.5));

        await ReadAsync();

        Assert.Equal((75, 25), Shares());
        Assert.Equal(7, _network.Asked.Count);
    }

    [Fact]
    public async Task Only_routers_that_are_ready_are_asked()
    {
        Run("starting", "10.0.0.2", isReady: false);
        Run("other", "10.0.0.3", component: "job");
        Run("homeless", null);
        _network.Answer("10.0.0.1", 10, ("reverse", 0.5), ("sum", 0.5));

        await ReadAsync();

        Assert.Equal(["10.0.0.1"], _network.Asked);
    }

    [Fact]
    public async Task An_expert_that_leaves_the_set_has_no_share_any_more()
    {
        var revision = _world.Backbone.Status.ActiveRevision;
        _world.Learn("words");
        await _world.SettleAsync();
        _network.Answer("10.0.0.1", 10, ("reverse", 0.5), ("sum", 0.2), ("words", 0.3));
        await ReadAsync();
        Assert.Equal(30, _world.Expert("words").Status.TrafficSharePercent);

        _world.Apply(spec => spec.Serving.Revision = revision);
        await _world.SettleAsync();

        Assert.Null(_world.Expert("words").Status.TrafficSharePercent);
        Assert.Equal((50, 20), Shares());
    }

    private (int? Reverse, int? Sum) Shares() => (_world.Expert("reverse").Status.TrafficSharePercent, _world.Expert("sum").Status.TrafficSharePercent);

    private async Task<IReadOnlyList<string>> ReadAsync()
    {
        var experts = await _world.ReadTrafficAsync(_network);
        await _world.SettleAsync(looksAgain: false);
        return experts;
    }

    private void Run(string name, string? address, bool isReady = true, string component = "router") => _world.Server.Create(new V1Pod
    {
        Metadata = new() { Name = name, NamespaceProperty = OperatorWorld.Namespace, Labels = new Dictionary<string, string> { [Labels.Backbone] = "tiny", [Labels.Component] = component } },
        Status = new() { PodIP = address, Conditions = [new() { Type = "Ready", Status = isReady ? "True" : "False" }] },
    });

    private static Stream Open(string page, bool isWhole)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        pipe.Writer.Write(Encoding.UTF8.GetBytes(page));
        if (isWhole)
        {
            pipe.Writer.Complete();
        }

        return pipe.Reader.AsStream();
    }
}
