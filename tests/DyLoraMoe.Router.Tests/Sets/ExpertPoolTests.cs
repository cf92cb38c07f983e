using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Tests.Engine;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Sets;

public sealed class ExpertPoolTests(SampleSet sample) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Experts_beyond_the_budget_are_read_when_they_are_wanted_and_change_no_answer()
    {
        using var whole = sample.Load();
        var budget = whole.Experts.Max(expert => expert.Bytes) * 2;
        var options = new EngineOptions { ExpertBytes = budget, ExpertHostBytes = 0 };
        using var set = sample.Load(engine: options);
        Assert.InRange(set.Pool.Bytes, 1, budget);
        using var roomy = Engines.Over(whole);
        using var tight = Engines.Over(set, options);

        for (var round = 0; round < 2; round++)
        {
            foreach (var skill in SampleSet.Skills)
            {
                var request = Engines.Ask(set, SampleSet.Prompt(skill), ExpertChoice.Of(skill), tokens: 6);
                Assert.Equal((await Engines.RunAsync(roomy, request))[0].Text, (await Engines.RunAsync(tight, request))[0].Text);
                Assert.InRange(set.Pool.Bytes, 1, budget);
            }
        }

        var all = SampleSet.Skills.Select(skill => Engines.Ask(set, SampleSet.Prompt(skill), ExpertChoice.Of(skill), tokens: 6)).ToArray();
        Assert.Equal((await Engines.RunAsync(roomy, all)).Select(answer => answer.Text), (await Engines.RunAsync(tight, all)).Select(answer => answer.Text));
    }

    [Fact]
    public async Task An_expert_that_is_lost_while_serving_fails_those_that_need_it_alone_and_makes_the_server_unready_until_it_is_back()
    {
        var store = sample.CopyStore(_folder);
        await using var server = await TestServer.StartAsync(sample, options => options with { Store = store, Engine = new EngineOptions { ExpertBytes = 1 << 16, ExpertHostBytes = 0 } });
        await server.UntilAsync("ready");
        var weights = sample.WeightsIn(store, 0);
        var sound = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(weights, [.. sound[..^1], (byte)(sound[^1] ^ 1)], TestContext.Current.CancellationToken);
        var other = server.StreamAsync("/v1/completions", new { model = "tiny:sort", prompt = "Anna", max_tokens = 150, ignore_eos = true, stream = true });

        using var refused = await server.PostTextAsync("/v1/completions", "{\"model\":\"tiny:binary\",\"prompt\":\"Anna\"}");
        var error = (await TestServer.BodyOf(refused)).GetProperty("error");
        var unready = await server.UntilAsync("unavailable");
        var set = await server.GetAsync("/v1/set");

        Assert.Equal(503, (int)refused.StatusCode);
        Assert.Equal("expert_unavailable", error.GetProperty("code").GetString());
        Assert.Equal("expert binary", unready.GetProperty("part").GetString());
        Assert.False(set.GetProperty("ready").GetBoolean());
        Assert.Equal(unready.GetProperty("reason").GetString(), set.GetProperty("reason").GetString());
        Assert.Equal("length", (await other)[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());

        await File.WriteAllBytesAsync(weights, sound, TestContext.Current.CancellationToken);
        await server.UntilAsync("ready");
        Assert.True((await server.GetAsync("/v1/set")).GetProperty("ready").GetBoolean());
        await server.AskAsync("/v1/completions", new { model = "tiny:binary", prompt = "Anna", max_tokens = 2 });
    }
}
