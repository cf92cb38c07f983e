using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Sets;

public sealed class GrownSetTests(SampleSet sample) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_set_on_a_backbone_that_has_grown_is_served_from_the_store_alone_and_says_the_same()
    {
        var document = sample.Grown();
        await using var before = await TestServer.StartAsync(sample);
        await using var after = await TestServer.StartAsync(sample, options => options with { Set = sample.Write("grown.json", document), Backbone = _folder["nowhere"] });
        await before.UntilAsync("ready");
        await after.UntilAsync("ready");

        var set = await after.GetAsync("/v1/set");
        Assert.Equal(document.Backbone.Digest, set.GetProperty("backbone").GetProperty("digest").GetString());
        Assert.NotEqual(sample.Document.Backbone.Digest, document.Backbone.Digest);
        Assert.Equal(document.ComputeRevision(), set.GetProperty("revision").GetString());
        foreach (var skill in (string[])["caesar", "date"])
        {
            var question = new { model = "tiny", prompt = SampleSet.Prompt(skill), max_tokens = 8, temperature = 0 };
            Assert.Equal(TextOf(await before.AskAsync("/v1/completions", question)), TextOf(await after.AskAsync("/v1/completions", question)));
        }

        static string? TextOf(System.Text.Json.JsonElement reply) => reply.GetProperty("choices")[0].GetProperty("text").GetString();
    }

    [Fact]
    public async Task Weights_that_the_store_does_not_have_are_named()
    {
        var absent = "sha256:" + new string('0', 64);
        var document = sample.Document with { Backbone = sample.Document.Backbone with { Artifact = absent } };
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = sample.Write("gone.json", document) });

        var body = await server.UntilAsync("unavailable");

        Assert.Equal("backbone", body.GetProperty("part").GetString());
        Assert.Contains($"The backbone {absent} is not in", body.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }
}
