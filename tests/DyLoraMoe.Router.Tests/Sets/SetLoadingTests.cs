using System.Net;
using System.Text.Json;
using DyLoraMoe.Api;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Sets;

public sealed class SetLoadingTests(SampleSet sample) : IDisposable
{
    private static readonly string _absent = "sha256:" + new string('0', 64);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_expert_that_is_missing_is_named_and_nothing_is_served_in_its_place()
    {
        var document = sample.Document with { Experts = [.. sample.Document.Experts.Select(member => member.Name == "date" ? member with { Digest = _absent } : member)] };
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = sample.Write("missing.json", document) });

        var body = await server.UntilAsync("unavailable");

        Assert.Equal("expert date", body.GetProperty("part").GetString());
        Assert.Contains(_absent, body.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", (await server.GetAsync("/healthz")).GetProperty("status").GetString());
        using var refused = await server.PostTextAsync("/v1/completions", "{\"model\":\"tiny\",\"prompt\":\"a\"}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.False((await server.GetAsync("/v1/set")).GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task A_damaged_expert_is_named_and_served_as_soon_as_it_is_whole_again()
    {
        var store = sample.CopyStore(_folder);
        var weights = sample.WeightsIn(store, 3);
        var sound = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(weights, [.. sound[..^1], (byte)(sound[^1] ^ 1)], TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync(sample, options => options with { Store = store });

        var body = await server.UntilAsync("unavailable");
        Assert.Equal("expert " + sample.Document.Experts[3].Name, body.GetProperty("part").GetString());
        Assert.Contains("damaged", body.GetProperty("reason").GetString(), StringComparison.Ordinal);

        await File.WriteAllBytesAsync(weights, sound, TestContext.Current.CancellationToken);
        Assert.Equal(sample.Document.ComputeRevision(), (await server.UntilAsync("ready")).GetProperty("revision").GetString());
    }

    [Theory]
    [InlineData("backbone", "has the digest")]
    [InlineData("router", "is not in")]
    [InlineData("store", "is not there")]
    [InlineData("set", "Could not find file")]
    public async Task Whatever_is_wrong_is_named_with_what_was_found(string part, string reason)
    {
        var document = part switch
        {
            "backbone" => sample.Document with { Backbone = sample.Document.Backbone with { Digest = _absent } },
            "router" => sample.Document with { Router = _absent },
            _ => sample.Document,
        };
        var file = sample.Write($"wrong-{part}.json", document);
        await using var server = await TestServer.StartAsync(sample, options => options with
        {
            Set = part == "set" ? _folder["none.json"] : file,
            Store = part == "store" ? _folder["none"] : options.Store,
        });

        var body = await server.UntilAsync("unavailable");

        Assert.Equal(part, body.GetProperty("part").GetString());
        Assert.Contains(reason, body.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_that_says_another_rank_than_the_expert_has_is_refused()
    {
        var document = sample.Document with { Experts = [.. sample.Document.Experts.Select(member => member.Name == "sort" ? member with { Rank = 99 } : member)] };
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = sample.Write("rank.json", document) });

        var body = await server.UntilAsync("unavailable");

        Assert.Equal("expert sort", body.GetProperty("part").GetString());
        Assert.Contains("rank 99", body.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backbone_without_experts_is_served_alone_also_by_its_builtin_name()
    {
        var file = sample.Write("alone.json", new SetRevision { Backbone = sample.Document.Backbone });
        var models = Environment.GetEnvironmentVariable("DYLORA_MODELS");
        Environment.SetEnvironmentVariable("DYLORA_MODELS", Path.GetDirectoryName(sample.Backbone));
        try
        {
            await using var server = await TestServer.StartAsync(sample, options => options with { Set = file, Backbone = "builtin:dylora-tiny" });
            await server.UntilAsync("ready");

            var reply = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = "Anna", max_tokens = 3 });

            Assert.Equal("backbone", reply.GetProperty("dylora").GetProperty("mode").GetString());
            Assert.Equal(JsonValueKind.Array, (await server.GetAsync("/v1/set")).GetProperty("experts").ValueKind);
        }
        finally
        {
            Environment.SetEnvironmentVariable("DYLORA_MODELS", models);
        }
    }
}
