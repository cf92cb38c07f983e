using System.Text.Json;

namespace DyLoraMoe.Router.Tests.Traffic;

public sealed class TrafficMonitorTests(SampleSet sample)
{
    [Fact]
    public async Task Traffic_of_a_new_kind_raises_a_flag_and_is_proposed_as_a_skill_with_its_prompts()
    {
        var file = sample.Write("library.json", sample.WithMap());
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = file, KeepNovelPrompts = true });
        await server.UntilAsync("ready");
        var known = Enumerable.Range(0, 30).Select(index => SampleSet.Prompt(index % 2 == 0 ? "date" : "sort", (ulong)index)).ToArray();
        var strange = Enumerable.Range(0, 40).Select(index => $"zq {index} !! ## %% {index * 7} ## !! qz ((( {index} )))").ToArray();

        await server.AskAsync("/v1/completions", new { model = "tiny", prompt = known, max_tokens = 1 });
        var before = await server.GetAsync("/v1/novelty");
        var answer = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = strange, n = 2, max_tokens = 1 });
        var after = await server.GetAsync("/v1/novelty");

        Assert.Equal((30, 0), (before.GetProperty("requests").GetInt32(), before.GetProperty("flags").GetInt32()));
        Assert.Equal(70, after.GetProperty("requests").GetInt32());
        Assert.True(after.GetProperty("flags").GetInt32() > 0);
        Assert.InRange(answer.GetProperty("dylora").GetProperty("novelty").GetProperty("p_value").GetDouble(), 0, 0.05);
        var proposal = after.GetProperty("proposals").EnumerateArray().First();
        Assert.InRange(proposal.GetProperty("count").GetInt32(), 16, 40);
        Assert.All(proposal.GetProperty("prompts").EnumerateArray(), prompt => Assert.StartsWith("zq", prompt.GetString(), StringComparison.Ordinal));

        var rest = await server.AskAsync("/v1/novelty", new { proposed = new[] { proposal.GetProperty("centroid").GetString() } });
        Assert.DoesNotContain(rest.GetProperty("proposals").EnumerateArray(), other => other.GetProperty("centroid").GetString() == proposal.GetProperty("centroid").GetString());
        Assert.Equal(after.GetProperty("proposals").GetArrayLength() - 1, rest.GetProperty("proposals").GetArrayLength());
    }

    [Fact]
    public async Task Chats_are_remembered_as_they_were_said_without_the_markers_of_their_template()
    {
        var file = sample.Write("library-chats.json", sample.WithMap());
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = file, KeepNovelPrompts = true });
        await server.UntilAsync("ready");

        for (var index = 0; index < 20; index++)
        {
            await server.AskAsync("/v1/chat/completions", new { model = "tiny", messages = new[] { new { role = "user", content = $"zq {index} щ ## %% {index * 7} !! qz" } }, max_tokens = 1 });
        }

        var raw = await server.Client.GetStringAsync(new Uri("/v1/novelty", UriKind.Relative), TestContext.Current.CancellationToken);
        var proposal = JsonDocument.Parse(raw).RootElement.GetProperty("proposals").EnumerateArray().First();
        Assert.Contains("щ", raw, StringComparison.Ordinal);
        Assert.False(proposal.TryGetProperty("prompts", out _));
        Assert.All(proposal.GetProperty("conversations").EnumerateArray(), conversation =>
        {
            var message = Assert.Single(conversation.EnumerateArray());
            Assert.Equal("user", message.GetProperty("role").GetString());
            Assert.Matches(@"^zq \d+ щ ## %% \d+ !! qz$", message.GetProperty("content").GetString()!);
        });
    }

    [Fact]
    public async Task A_prompt_beyond_all_that_were_held_out_is_novel_however_few_those_are()
    {
        var file = sample.Write("library-novel.json", sample.WithMap());
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = file });
        await server.UntilAsync("ready");

        var strange = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = "zq 7 !! ## %% 49 ## !! qz ((( 7 )))", max_tokens = 1 });
        var heldOut = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = SampleSet.Prompt("date", 2), max_tokens = 1 });
        var metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((true, 0.02439), Novelty(strange));
        Assert.False(Novelty(heldOut).Novel);
        Assert.Contains("dylora_router_novel_prompts_total 1\n", metrics, StringComparison.Ordinal);

        static (bool Novel, double PValue) Novelty(JsonElement answer)
        {
            var novelty = answer.GetProperty("dylora").GetProperty("novelty");
            return (novelty.GetProperty("novel").GetBoolean(), novelty.GetProperty("p_value").GetDouble());
        }
    }

    [Theory]
    [InlineData("{\"proposed\": [\"not base64\"]}")]
    [InlineData("{\"proposed\": [\"AAAA\"]}")]
    [InlineData("{\"proposed\": [\"AACAPw==\"]}")]
    [InlineData("{\"proposed\": [\"AADAfw==\"]}")]
    [InlineData("{\"proposed\": [null]}")]
    [InlineData("{\"proposed\": \"all\"}")]
    public async Task What_is_no_earlier_proposal_is_refused(string body)
    {
        var file = sample.Write("library-refused.json", sample.WithMap());
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = file });
        await server.UntilAsync("ready");
        await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Enumerable.Range(0, 40).Select(index => $"zq {index} !! ## %% ##").ToArray(), max_tokens = 1 });

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await server.Client.PostAsync(new Uri("/v1/novelty", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Without_being_asked_to_no_prompt_is_remembered_and_what_is_forced_does_not_count()
    {
        var file = sample.Write("library-quiet.json", sample.WithMap());
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = file });
        await server.UntilAsync("ready");

        await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Enumerable.Range(0, 40).Select(index => $"zq {index} !! ## %% ##").ToArray(), max_tokens = 1 });
        await server.AskAsync("/v1/completions", new { model = "tiny:sort", prompt = "Anna", max_tokens = 1 });

        var reply = await server.GetAsync("/v1/novelty");
        Assert.Equal(40, reply.GetProperty("requests").GetInt32());
        Assert.DoesNotContain("zq", reply.GetRawText(), StringComparison.Ordinal);
    }
}
