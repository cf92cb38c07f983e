using System.Net;
using System.Text.Json;
using DyLoraMoe.Router.Sets;
using Microsoft.Extensions.DependencyInjection;

namespace DyLoraMoe.Router.Tests.Endpoints;

[Collection(SharedServer.Name)]
public sealed class InformationTests(ReadyServer ready, SampleSet sample)
{
    [Fact]
    public async Task The_set_is_named_by_its_revision_with_every_expert()
    {
        var set = await ready.Server.GetAsync("/v1/set");

        Assert.True(set.GetProperty("ready").GetBoolean());
        Assert.Equal(sample.Document.ComputeRevision(), set.GetProperty("revision").GetString());
        Assert.Equal(sample.Document.Backbone.Digest, set.GetProperty("backbone").GetProperty("digest").GetString());
        Assert.Equal(sample.Document.Router, set.GetProperty("router").GetString());
        Assert.Equal(
            sample.Document.Experts.Select(member => (member.Name, member.Digest, member.Mode)),
            set.GetProperty("experts").EnumerateArray().Select(expert => (expert.GetProperty("name").GetString()!, expert.GetProperty("digest").GetString()!, expert.GetProperty("mode").GetString()!)));
    }

    [Fact]
    public async Task The_models_are_the_routed_backbone_every_expert_and_the_bare_backbone()
    {
        var models = await ready.Server.GetAsync("/v1/models");

        var ids = models.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToList();
        Assert.Equal(["tiny", .. SampleSet.Skills.Select(skill => "tiny:" + skill), "tiny:@backbone"], ids);
        Assert.Equal("tiny:date", (await ready.Server.GetAsync("/v1/models/tiny:date")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_route_shows_the_probability_of_every_expert()
    {
        var route = await ready.Server.AskAsync("/v1/route", new { prompt = SampleSet.Prompt("caesar") });

        var experts = route.GetProperty("dylora").GetProperty("experts").EnumerateArray().ToList();
        Assert.Equal("caesar", experts[0].GetProperty("name").GetString());
        Assert.Equal(8, experts.Count);
        Assert.Equal(1, experts.Sum(expert => expert.GetProperty("probability").GetDouble()) + route.GetProperty("dylora").GetProperty("backbone").GetDouble(), 1e-3);
        Assert.InRange(route.GetProperty("dylora").GetProperty("entropy").GetDouble(), 0, 0.5);
    }

    [Fact]
    public async Task Metrics_count_what_was_answered_in_the_form_that_Prometheus_reads()
    {
        await ready.Server.AskAsync("/v1/completions", new { model = "tiny:clock", prompt = SampleSet.Prompt("clock"), max_tokens = 5, temperature = 0, ignore_eos = true });

        var text = await ready.Server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(@"^(# (HELP|TYPE) (dylora_router|process)_\w+ .+|(dylora_router|process)_\w+(\{.*\})? (-?[0-9.]+([eE][+-][0-9]+)?|\+Inf|NaN))$", line));
        Assert.Contains(lines, line => line.StartsWith("dylora_router_requests_total{", StringComparison.Ordinal) && line.Contains("expert=\"clock\"", StringComparison.Ordinal) && line.Contains("code=\"200\"", StringComparison.Ordinal));
        Assert.Contains("dylora_router_ready 1", lines);
        Assert.Contains("dylora_router_experts 8", lines);

        // The operator reads these two.
        Assert.Contains(lines, line => line.StartsWith("dylora_router_prompt_seconds_count ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("dylora_router_expert_share{expert=\"clock\"} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_prompt_counts_once_however_many_answers_it_gets_and_only_answers_have_a_duration()
    {
        await using var server = await TestServer.StartAsync(sample);
        await server.UntilAsync("ready");
        var answer = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = SampleSet.Prompt("date"), n = 3, max_tokens = 1 });
        await server.GetAsync("/v1/set");

        var metrics = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Contains($"dylora_router_prompt_tokens_total {answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32()}\n", metrics, StringComparison.Ordinal);
        Assert.Contains("dylora_router_prompt_seconds_count 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("dylora_router_request_seconds_count 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_is_healthy_and_the_set_ready()
    {
        Assert.Equal("ok", (await ready.Server.GetAsync("/healthz")).GetProperty("status").GetString());
        Assert.Equal(sample.Document.ComputeRevision(), (await ready.Server.GetAsync("/readyz")).GetProperty("revision").GetString());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/v1/models")]
    public async Task Whoever_asks_only_for_the_head_gets_it(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await ready.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_device_that_is_broken_takes_the_pod_out_of_its_Service_at_once()
    {
        await using var server = await TestServer.StartAsync(sample, options => options with { Engine = options.Engine with { ProbeDevice = _ => new InvalidOperationException("an illegal memory access was encountered") } });
        await server.UntilAsync("ready");

        await Assert.ThrowsAnyAsync<Exception>(() => server.Services.GetRequiredService<SetState>().Current!.Engine.Route([int.MaxValue], "first", CancellationToken.None));

        Assert.Equal("device", (await server.UntilAsync("broken")).GetProperty("part").GetString());
        Assert.Equal("broken", (await server.GetAsync("/healthz")).GetProperty("status").GetString());
        Assert.Contains("dylora_router_ready 0", await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_served_whole_and_may_load_nothing_from_elsewhere()
    {
        using var response = await ready.Server.Client.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_has_an_id_of_its_own_that_the_client_can_name()
    {
        using var first = await ready.Server.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        using var second = await ready.Server.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken);

        Assert.NotEqual(first.Headers.GetValues("x-request-id").Single(), second.Headers.GetValues("x-request-id").Single());
        Assert.Equal(JsonValueKind.Array, (await TestServer.BodyOf(first)).GetProperty("data").ValueKind);
    }
}
