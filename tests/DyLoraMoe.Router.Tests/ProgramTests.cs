using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.Router.Tests;

public sealed class ProgramTests(SampleSet sample)
{
    [Fact]
    public async Task After_SIGTERM_it_is_not_ready_still_answers_finishes_its_stream_and_ends_well()
    {
        using var process = RouterProcess.Start([.. Arguments(), "--drain-seconds", "2"]);
        using var client = new HttpClient { BaseAddress = await process.AddressAsync(), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "tiny", prompt = "Anna", max_tokens = 200, ignore_eos = true, stream = true }) };
        using var stream = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        process.Signal("TERM");
        await Engine.Engines.UntilAsync(() => process.Output.Contains("Stopping", StringComparison.Ordinal));
        using var ready = await client.GetAsync("/readyz", TestContext.Current.CancellationToken);
        using var late = await client.PostAsJsonAsync("/v1/completions", new { model = "tiny", prompt = "Anna", max_tokens = 2 }, TestContext.Current.CancellationToken);
        var text = await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.True(ready.Headers.ConnectionClose);
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.True(text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal), text[^200..] + process.Output);
        Assert.Contains("\"finish_reason\":\"length\"", text, StringComparison.Ordinal);
        Assert.Equal(0, await process.ExitAsync());
        Assert.DoesNotContain("Anna", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_a_client_keeps_is_answered_once_more_after_SIGTERM()
    {
        using var process = RouterProcess.Start([.. Arguments(), "--drain-seconds", "0", "--linger-seconds", "3600"]);
        using var client = new HttpClient { BaseAddress = await process.AddressAsync(), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client);

        process.Signal("TERM");
        await Engine.Engines.UntilAsync(() => process.Output.Contains("Stopping", StringComparison.Ordinal));
        await Task.Delay(500, TestContext.Current.CancellationToken);
        using var answer = await client.PostAsJsonAsync("/v1/completions", new { prompt = "no model" }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(answer.Headers.ConnectionClose);
        Assert.Single(answer.Headers.GetValues("x-request-id"));
        Assert.Equal(0, await process.ExitAsync());
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "", "OTEL_EXPORTER_OTLP_PROTOCOL")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")]
    public async Task Traces_go_to_the_collector_as_parts_of_the_clients_trace_and_without_a_text(string endpoint, string path, string protocol)
    {
        var collected = new StringBuilder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/traces", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            lock (collected)
            {
                collected.Append(Encoding.Latin1.GetString(body.ToArray()));
            }
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        using var process = RouterProcess.StartWith(
            [(endpoint, collector.Urls.Single() + path), (protocol, "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "100")], Arguments());
        using var client = new HttpClient { BaseAddress = await process.AddressAsync(), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client);
        var trace = Enumerable.Range(0xa0, 16).Select(number => (byte)number).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "tiny:clock", prompt = "Anna", max_tokens = 2 }) };
        request.Headers.Add("traceparent", $"00-{Convert.ToHexStringLower(trace)}-00000000000000ff-01");

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string[] parts = ["dylora-router", "POST /v1/completions", "read prompt", "generate", "gen_ai.usage.input_tokens", "tiny:clock", Encoding.Latin1.GetString(trace)];
        await Engine.Engines.UntilAsync(() => parts.All(part => Collected().Contains(part, StringComparison.Ordinal)));
        Assert.DoesNotContain("Anna", Collected(), StringComparison.Ordinal);
        Assert.DoesNotContain("readyz", Collected(), StringComparison.Ordinal);

        string Collected()
        {
            lock (collected)
            {
                return collected.ToString();
            }
        }
    }

    [Fact]
    public async Task Prompts_and_answers_are_in_the_log_when_that_is_asked_for()
    {
        using var process = RouterProcess.Start([.. Arguments(), "--log-prompts"]);
        using var client = new HttpClient { BaseAddress = await process.AddressAsync(), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client);

        using var response = await client.PostAsJsonAsync("/v1/completions", new { model = "tiny:clock", prompt = "Anna", max_tokens = 3, ignore_eos = true }, TestContext.Current.CancellationToken);

        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("choices")[0].GetProperty("text").GetString();
        await Engine.Engines.UntilAsync(() => process.Output.Contains("\"Prompt\":\"Anna\"", StringComparison.Ordinal));
        var line = process.Output.Split('\n').First(line => line.Contains("\"Prompt\":\"Anna\"", StringComparison.Ordinal));
        Assert.Equal(answer, JsonDocument.Parse(line).RootElement.GetProperty("State").GetProperty("Answer").GetString());
    }

    [Fact]
    public async Task A_context_beyond_the_backbones_own_is_the_backbones_own_and_the_log_says_so()
    {
        using var process = RouterProcess.Start([.. Arguments(), "--max-context", "4096"]);
        using var client = new HttpClient { BaseAddress = await process.AddressAsync(), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client);

        var models = await client.GetFromJsonAsync<JsonElement>("/v1/models", TestContext.Current.CancellationToken);
        using var longer = await client.PostAsJsonAsync("/v1/completions", new { model = "tiny", prompt = "Anna", max_tokens = 300 }, TestContext.Current.CancellationToken);

        Assert.All(models.GetProperty("data").EnumerateArray(), model => Assert.Equal(256, model.GetProperty("max_model_len").GetInt32()));
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);
        Assert.Contains("A context of 4096 tokens was asked for and the backbone has 256: requests may have 256.", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_from_the_start_is_said_in_one_line_and_ends_it()
    {
        using var process = RouterProcess.Start([.. Arguments(), "--api-keys", "/nowhere/keys"]);

        Assert.Equal(1, await process.ExitAsync());
        Assert.Equal("dylora-router: Could not find a part of the path '/nowhere/keys'.", process.Output);
    }

    [Fact]
    public async Task An_address_that_is_not_this_machines_is_said_in_one_line_and_ends_it()
    {
        string[] elsewhere = ["--address", "192.0.2.1", "--port", "8080"];
        using var process = RouterProcess.Start([.. Arguments()[..6], .. elsewhere]);

        Assert.Equal(1, await process.ExitAsync());
        var line = Assert.Single(process.Errors);
        Assert.StartsWith("dylora-router: cannot listen on 192.0.2.1:8080: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_that_makes_no_sense_is_refused_with_what_is_expected()
    {
        using var process = RouterProcess.Start([.. Arguments(), "--max-batch", "many"]);

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("--max-batch expects a whole number from 1 to 1024, found 'many'.", process.Output, StringComparison.Ordinal);
    }

    private string[] Arguments() => ["--set", sample.SetFile, "--store", sample.Store, "--backbone", sample.Backbone, "--address", "127.0.0.1", "--port", "0", "--threads", "1"];

    private static async Task ReadyAsync(HttpClient client)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var response = await client.GetAsync("/readyz");
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            Assert.True(attempt < 300, await response.Content.ReadAsStringAsync());
            await Task.Delay(100);
        }
    }
}
