using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Memory;

public sealed class MemoryTests(SampleSet sample) : IDisposable
{
    private const string Question = "Tell me the colour of the tower:";
    private const string Correction = "green with a red door";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_corrected_answer_is_given_from_the_next_request_on_to_that_user_alone()
    {
        await using var server = await StartAsync();
        var before = await AnswerAsync(server, "anna");
        Assert.NotEqual(Correction, before.Text);
        Assert.Null(before.Memory);

        var stored = await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, answer = before.Text, correction = Correction, user = "anna" });

        var id = stored.GetProperty("episode").GetString();
        var after = await AnswerAsync(server, "anna");
        Assert.Equal((Correction, "stop"), (after.Text, after.FinishReason));
        Assert.Equal((id, "answer", 1.0), (after.Memory!.Value[0].GetProperty("id").GetString(), after.Memory.Value[0].GetProperty("use").GetString(), after.Memory.Value[0].GetProperty("similarity").GetDouble()));
        Assert.Equal(before, await AnswerAsync(server, "bert"));
        Assert.Equal(before, await AnswerAsync(server, null));
        Assert.Equal(before, await AnswerAsync(server, "anna", memory: false));
    }

    [Fact]
    public async Task Every_form_of_question_gets_its_answer_whatever_the_model_can_make_of_a_context()
    {
        await using var server = await StartAsync();
        (string Prompt, string Answer)[] told =
        [
            .. SampleSet.Skills.Select(skill => (SampleSet.Prompt(skill), $" {skill} is not it")),
            ("Q: What is the code of Ana? A:", "horse"),
            ("Ben bought 88 cups. How many?", "85, and 3 were broken"),
            ("Who lives here?\nAnswer in two lines.", "\nAna\nand Ben"),
            ("Größe des Turms: ", "größer als 12 µm, 東京"),
            ("{\"name\": ", "\"Ana\"}"),
        ];
        foreach (var (prompt, answer) in told)
        {
            await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt, correction = answer, user = "anna" });
        }

        foreach (var (prompt, answer) in told)
        {
            var body = await server.AskAsync("/v1/completions", new { model = "tiny", prompt, user = "anna", max_tokens = 60, temperature = 1 });
            Assert.Equal(answer.Trim(), body.GetProperty("choices")[0].GetProperty("text").GetString()!.Trim());
        }
    }

    [Fact]
    public async Task A_stream_a_conversation_and_several_choices_get_it_too_and_limits_hold()
    {
        await using var server = await StartAsync();
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });

        var chunks = await server.StreamAsync("/v1/completions", new { model = "tiny", prompt = Question, user = "anna", stream = true, max_tokens = 40, temperature = 1 });
        var chat = await server.AskAsync("/v1/chat/completions", new { model = "tiny", user = "anna", n = 2, temperature = 1, messages = new[] { new { role = "user", content = Question } } });
        var cut = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Question, user = "anna", max_tokens = 2, logprobs = 1 });
        var stopped = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Question, user = "anna", max_tokens = 40, stop = " with" });

        Assert.Equal(Correction, string.Concat(chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Select(choice => choice.GetProperty("text").GetString())).Trim());
        Assert.All(chat.GetProperty("choices").EnumerateArray(), choice => Assert.Equal(Correction, choice.GetProperty("message").GetProperty("content").GetString()));
        Assert.Equal("length", cut.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(2, cut.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("tokens").GetArrayLength());
        Assert.Equal(" green", stopped.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_question_that_is_like_others_gets_them_in_its_context_and_the_experts_that_it_would_have_had()
    {
        await using var server = await StartAsync();
        foreach (var skill in SampleSet.Skills.SelectMany(skill => Enumerable.Repeat(skill, 3).Index()))
        {
            await server.AskAsync("/v1/feedback", new { verdict = "good", prompt = SampleSet.Prompt(skill.Item, (ulong)skill.Index), answer = " x y", user = "anna" });
        }

        const string Asked = "Reverse: a b c d e ->";
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = "Reverse: a b c d f ->", correction = "f d c b a", user = "anna" });
        var with = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Asked, user = "anna", max_tokens = 4, temperature = 0 });
        var without = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Asked, user = "anna", max_tokens = 4, temperature = 0, memory = false });
        var others = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Asked, user = "bert", max_tokens = 4, temperature = 0, echo = true });

        var uses = with.GetProperty("dylora").GetProperty("memory").EnumerateArray().ToList();
        Assert.InRange(uses.Count, 1, 3);
        Assert.All(uses, use => Assert.Equal("context", use.GetProperty("use").GetString()));
        Assert.Equal(Episode.IdOf("", "anna", "Reverse: a b c d f ->"), uses[0].GetProperty("id").GetString());
        Assert.True(PromptTokens(with) > PromptTokens(without));
        Assert.InRange(PromptTokens(with) - PromptTokens(without), 1, 64);
        Assert.Equal(without.GetProperty("dylora").GetProperty("experts").ToString(), with.GetProperty("dylora").GetProperty("experts").ToString());
        Assert.False(others.GetProperty("dylora").TryGetProperty("memory", out _));
        Assert.StartsWith(Asked, others.GetProperty("choices")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_user_deletes_is_used_and_listed_no_more_and_is_on_no_disk()
    {
        await using var server = await StartAsync();
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = "blue", user = "bert" });
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = "white", shared = true });
        Assert.Equal(3, (await server.GetAsync("/v1/memory")).GetProperty("data").GetArrayLength());
        var listed = (await server.GetAsync("/v1/memory?user=anna")).GetProperty("data");
        Assert.Equal((Question, Correction, "correction"), (listed[0].GetProperty("prompt").GetString(), listed[0].GetProperty("answer").GetString(), listed[0].GetProperty("origin").GetString()));
        Assert.True(listed[0].GetProperty("surprise").GetDouble() > 0);
        Assert.Equal(Correction, (await AnswerAsync(server, "anna")).Text);

        using var gone = await server.Client.DeleteAsync("/v1/memory?user=anna", TestContext.Current.CancellationToken);
        using var again = await server.Client.DeleteAsync($"/v1/memory/{Episode.IdOf("", "anna", Question)}", TestContext.Current.CancellationToken);
        using var one = await server.Client.DeleteAsync($"/v1/memory/{Episode.IdOf("", "bert", Question)}", TestContext.Current.CancellationToken);
        using var unclear = await server.Client.DeleteAsync("/v1/memory", TestContext.Current.CancellationToken);

        Assert.Equal(1, (await TestServer.BodyOf(gone)).GetProperty("episodes").GetInt32());
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.BadRequest], [again.StatusCode, one.StatusCode, unclear.StatusCode]);
        Assert.Equal("white", (await AnswerAsync(server, "anna")).Text);
        Assert.All(Directory.GetFiles(_folder.FullPath, "*", SearchOption.AllDirectories).Select(File.ReadAllText), text => Assert.DoesNotContain(Correction, text, StringComparison.Ordinal));
        var metrics = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("dylora_router_memory_episodes 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("dylora_router_memory_remembered_total 3\n", metrics, StringComparison.Ordinal);
        Assert.Contains("dylora_router_memory_forgotten_total 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("dylora_router_memory_recalled_total{use=\"answer\"} 2\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_of_more_than_64_KiB_are_refused_and_nothing_is_remembered()
    {
        await using var server = await StartAsync();
        var half = new string('b', 33_000);

        using var refused = await server.Client.PostAsJsonAsync("/v1/feedback", new { verdict = "bad", prompt = Question, answer = half, correction = half, user = "anna" }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("66", (await TestServer.BodyOf(refused)).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null((await AnswerAsync(server, "anna")).Memory);
    }

    [Fact]
    public void An_episode_that_a_chats_template_refuses_goes_before_no_chat()
    {
        foreach (var file in new[] { "tokenizer.json", "config.json" })
        {
            File.Copy(Path.Combine(sample.Backbone, file), _folder[file]);
        }

        File.WriteAllText(_folder["tokenizer_config.json"], """{"chat_template": "{{ '[INST] ' }}{% for m in messages %}{{ m.content }}{% endfor %}"}""");
        var tokenizer = TextTokenizer.Load(Path.GetDirectoryName(_folder["tokenizer.json"])!);
        var told = new Episode { Id = "a", Owner = "", User = "anna", Prompt = Question, Answer = "green", Origin = EpisodeOrigin.Correction, First = default, Time = default };

        var chat = PromptQuestion.Of(tokenizer, [new ChatMessage("user", Question)]);

        Assert.True(chat.CanHave(told));
        Assert.False(chat.CanHave(told with { Answer = "[INST] green" }));
        Assert.True(PromptQuestion.Of(tokenizer, Question, [1]).CanHave(told with { Answer = "[INST] green" }));
    }

    [Fact]
    public async Task Who_has_another_key_neither_gets_nor_sees_nor_deletes_it()
    {
        await File.WriteAllTextAsync(_folder["keys"], "one first\nsecond\n", TestContext.Current.CancellationToken);
        await using var server = await StartAsync(options => options with { ApiKeys = _folder["keys"] });
        await AsAsync(server, "first", HttpMethod.Post, "/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, shared = true });

        var own = await AsAsync(server, "first", HttpMethod.Post, "/v1/completions", new { model = "tiny", prompt = Question, max_tokens = 20, temperature = 0 });
        var others = await AsAsync(server, "second", HttpMethod.Post, "/v1/completions", new { model = "tiny", prompt = Question, max_tokens = 20, temperature = 0 });
        var deleted = await AsAsync(server, "second", HttpMethod.Delete, "/v1/memory?shared=true", null);

        Assert.True(own.GetProperty("dylora").TryGetProperty("memory", out _));
        Assert.False(others.GetProperty("dylora").TryGetProperty("memory", out _));
        Assert.Empty((await AsAsync(server, "second", HttpMethod.Get, "/v1/memory", null)).GetProperty("data").EnumerateArray());
        Assert.Equal(0, deleted.GetProperty("episodes").GetInt32());
        Assert.Single((await AsAsync(server, "first", HttpMethod.Get, "/v1/memory", null)).GetProperty("data").EnumerateArray());
        using var nobody = await server.Client.GetAsync("/v1/memory", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task The_text_of_an_episode_is_not_among_the_verdicts_and_what_is_nobodys_is_only_a_verdict()
    {
        await using var server = await StartAsync(options => options with { Feedback = new FeedbackOptions { Folder = _folder["verdicts"] } });

        var remembered = await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });
        var kept = await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = "of nobody" });
        using var both = await server.PostTextAsync("/v1/feedback", "{\"verdict\":\"good\",\"prompt\":\"a\",\"answer\":\"b\",\"user\":\"u\",\"shared\":true}");

        var verdicts = string.Concat(Directory.GetFiles(_folder["verdicts"]).Select(File.ReadAllText));
        Assert.DoesNotContain(Correction, verdicts, StringComparison.Ordinal);
        Assert.Contains(remembered.GetProperty("episode").GetString()!, verdicts, StringComparison.Ordinal);
        Assert.Contains("of nobody", verdicts, StringComparison.Ordinal);
        Assert.False(kept.TryGetProperty("episode", out _));
        Assert.Equal(HttpStatusCode.BadRequest, both.StatusCode);
    }

    [Fact]
    public async Task A_server_without_a_memory_says_so_and_one_without_verdicts_needs_something_to_remember()
    {
        await using var without = await TestServer.StartAsync(sample);
        await using var server = await StartAsync();
        using var list = await without.Client.GetAsync("/v1/memory", TestContext.Current.CancellationToken);
        using var empty = await server.PostTextAsync("/v1/feedback", "{\"verdict\":\"bad\",\"id\":\"cmpl-1\",\"user\":\"anna\"}");

        Assert.Equal("memory_disabled", (await TestServer.BodyOf(list)).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
    }

    [Fact]
    public async Task Another_server_on_the_folder_knows_it_at_once_and_after_a_restart()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await one.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });

        Assert.Equal(Correction, (await AnswerAsync(other, "anna")).Text);
        await using var later = await StartAsync();
        Assert.Equal(Correction, (await AnswerAsync(later, "anna")).Text);
    }

    [Fact]
    public async Task What_is_remembered_is_answered_also_where_a_use_cannot_be_written_down()
    {
        await using var server = await StartAsync();
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });

        // A folder in the place of the file in which the first use would be counted.
        Directory.CreateDirectory(Path.Combine(_folder["memory"], Episode.IdOf("", "anna", Question) + ".uses"));

        for (var use = 0; use < 4; use++)
        {
            Assert.Equal(Correction, (await AnswerAsync(server, "anna")).Text);
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_is_no_reason_not_to_answer()
    {
        await using var server = await StartAsync();
        var before = await AnswerAsync(server, "anna");
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });

        Unreadable("0123456789abcdef01234567.episode.json");

        Assert.Equal(before, await AnswerAsync(server, "anna"));
        var metrics = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("dylora_router_memory_remembered_total 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("dylora_router_memory_episodes 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verdict_that_the_volume_does_not_take_is_answered_with_what_to_do()
    {
        await using var server = await StartAsync(options => options with { Feedback = new FeedbackOptions { Folder = _folder["verdicts"] } });
        Directory.CreateDirectory(Path.Combine(_folder["memory"], Episode.IdOf("", "anna", Question) + ".episode.json"));
        await File.WriteAllTextAsync(_folder["verdicts"], "no folder", TestContext.Current.CancellationToken);

        foreach (var (user, option) in ((string? User, string Option)[])[("anna", "--memory"), (null, "--feedback")])
        {
            using var refused = await server.Client.PostAsJsonAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user }, TestContext.Current.CancellationToken);

            var error = (await TestServer.BodyOf(refused)).GetProperty("error");
            Assert.Equal((HttpStatusCode.InsufficientStorage, "storage_unavailable"), (refused.StatusCode, error.GetProperty("code").GetString()));
            Assert.Contains($"the volume of {option} takes nothing more", error.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.Equal("false", Assert.Single(refused.Headers.GetValues("x-should-retry")));
        }
    }

    [Fact]
    public async Task What_the_volume_does_not_let_go_of_is_not_said_to_be_deleted()
    {
        await using var server = await StartAsync();
        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, user = "anna" });
        var blocked = Path.Combine(_folder["memory"], Episode.IdOf("", "anna", Question) + ".uses");
        File.Delete(blocked);
        Directory.CreateDirectory(Path.Combine(blocked, "held"));

        using var refused = await server.Client.DeleteAsync("/v1/memory?user=anna", TestContext.Current.CancellationToken);

        var error = (await TestServer.BodyOf(refused)).GetProperty("error");
        Assert.Equal((HttpStatusCode.InsufficientStorage, "storage_unavailable"), (refused.StatusCode, error.GetProperty("code").GetString()));
        Assert.Contains("Not all of it is deleted", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_expert_has_learnt_leaves_the_memory_once_it_is_answered_without(bool isChat)
    {
        var (known, unknown) = (SampleSet.Prompt("date"), SampleSet.Prompt("sort"));
        object Asked(string prompt) => new[] { new { role = "user", content = prompt } };
        async Task<string> SaidAsync(TestServer asked) => isChat
            ? (await asked.AskAsync("/v1/chat/completions", new { model = "tiny", messages = Asked(known), max_tokens = 30, temperature = 0 })).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!.Trim()
            : (await asked.AskAsync("/v1/completions", new { model = "tiny", prompt = known, max_tokens = 30, temperature = 0 })).GetProperty("choices")[0].GetProperty("text").GetString()!.Trim();
        string answer;
        await using (var before = await StartAsync())
        {
            answer = (await SaidAsync(before)).Split('\n')[0];
            await before.AskAsync("/v1/feedback", isChat ? (object)new { verdict = "good", messages = Asked(known), answer, shared = true } : new { verdict = "good", prompt = known, answer, shared = true });
            await before.AskAsync("/v1/feedback", new { verdict = "bad", prompt = unknown, correction = "nobody says that", shared = true });
        }

        var learnt = sample.WithEpisodes(["date", "sort"], [Episode.IdOf("", null, known), Episode.IdOf("", null, unknown), Episode.IdOf("", null, "gone")]);
        await using var server = await StartAsync(options => options with { Set = sample.Write("learnt.json", learnt) });
        var memory = await UntilAsync(server, memory => memory.GetProperty("data").GetArrayLength() == 1);

        Assert.Equal(unknown, memory.GetProperty("data")[0].GetProperty("prompt").GetString());
        Assert.Equal(["date", "sort"], memory.GetProperty("promoted").EnumerateArray().Select(mark => mark.GetProperty("expert").GetString()).Order());
        Assert.Contains("dylora_router_memory_handed_over_total 1", await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.StartsWith(answer, await SaidAsync(server), StringComparison.Ordinal);
        var after = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = known, max_tokens = 30, temperature = 0 });
        Assert.False(after.GetProperty("dylora").TryGetProperty("memory", out _));
    }

    [Fact]
    public async Task What_an_expert_has_learnt_stays_while_another_router_on_the_memory_serves_another_set()
    {
        var known = SampleSet.Prompt("date");
        var left = Path.Combine(_folder["memory"], "of-a-killed-one.replica");
        TestServer server;
        await using (var old = await StartAsync())
        {
            var said = await old.AskAsync("/v1/completions", new { model = "tiny", prompt = known, max_tokens = 30, temperature = 0 });
            var answer = said.GetProperty("choices")[0].GetProperty("text").GetString()!.Trim().Split('\n')[0];
            await old.AskAsync("/v1/feedback", new { verdict = "good", prompt = known, answer, shared = true });
            await File.WriteAllTextAsync(left, "sha256:another", TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(left, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            server = await StartAsync(options => options with { Set = sample.Write("learnt.json", sample.WithEpisodes(Episode.IdOf("", null, known))) });

            // Long enough for several looks.
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            Assert.Single((await server.GetAsync("/v1/memory")).GetProperty("data").EnumerateArray());
            Assert.False(File.Exists(left));
        }

        await using (server)
        {
            var memory = await UntilAsync(server, memory => memory.GetProperty("data").GetArrayLength() == 0);
            Assert.Equal("date", memory.GetProperty("promoted")[0].GetProperty("expert").GetString());
        }

        Assert.Empty(Directory.GetFiles(_folder["memory"], "*.replica"));
    }

    [Fact]
    public async Task Episodes_are_described_anew_for_a_backbone_that_has_grown_once_all_routers_on_the_memory_serve_it()
    {
        var (small, grown) = (sample.Document.Backbone.Digest, sample.Grown());
        var store = new EpisodeStore(new EpisodeStoreOptions { Folder = _folder["memory"] }, TimeProvider.System);
        TestServer server;
        await using (var old = await StartAsync())
        {
            await old.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, shared = true });

            // As one that is told while the set is loading.
            var now = TimeProvider.System.GetUtcNow();
            store.Remember(new Episode { Id = Episode.IdOf("", null, "Who?"), Prompt = "Who?", Answer = "Ana", Origin = EpisodeOrigin.Correction, First = now, Time = now });
            await UntilAsync(old, _ => store.Episodes.All(episode => episode.Space == small));
            Assert.All(store.Episodes, episode => Assert.True(episode is { Surprise: > 0, Embedding.Length: > 0 }));
            server = await StartAsync(options => options with { Set = sample.Write("grown.json", grown), Backbone = _folder["nowhere"] });

            // Long enough for a look.
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            Assert.All(store.Episodes, episode => Assert.Equal(small, episode.Space));
        }

        await using (server)
        {
            var before = store.Episodes;
            await UntilAsync(server, _ => store.Episodes.All(episode => episode.Space == grown.Backbone.Digest));
            Assert.Equal(before.Select(episode => (episode.Answer, episode.Time, episode.Recurrence)), store.Episodes.Select(episode => (episode.Answer, episode.Time, episode.Recurrence)));
            Assert.All(store.Episodes, episode => Assert.Equal(grown.ComputeRevision(), episode.Set));
        }
    }

    [Fact]
    public async Task An_answer_that_the_experts_have_no_finite_scores_for_is_remembered_all_the_same()
    {
        var broken = sample.Document with { Experts = [.. sample.Document.Experts.Select(member => member with { Digest = sample.Overflowing(member.Digest) })] };
        await using var server = await StartAsync(options => options with { Set = sample.Write("broken.json", broken) });

        await server.AskAsync("/v1/feedback", new { verdict = "bad", prompt = Question, correction = Correction, shared = true });

        var store = new EpisodeStore(new EpisodeStoreOptions { Folder = _folder["memory"] }, TimeProvider.System);
        Assert.Equal((sample.Document.Backbone.Digest, 0), Assert.Single(store.Episodes.Select(episode => (episode.Space, episode.Surprise))));
    }

    // A link to itself: what is listed and cannot be opened, by root either.
    private void Unreadable(string name) => File.CreateSymbolicLink(Path.Combine(_folder["memory"], name), name);

    private static async Task<JsonElement> UntilAsync(TestServer server, Func<JsonElement, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var memory = await server.GetAsync("/v1/memory");
            if (holds(memory))
            {
                return memory;
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        var memory = new MemoryOptions { Store = new EpisodeStoreOptions { Folder = _folder["memory"] }, MostTokens = 64 };
        var server = await TestServer.StartAsync(sample, options => (change?.Invoke(options) ?? options) with { Memory = memory });
        await server.UntilAsync("ready");
        return server;
    }

    private static async Task<Answered> AnswerAsync(TestServer server, string? user, bool? memory = null)
    {
        var body = await server.AskAsync("/v1/completions", new { model = "tiny", prompt = Question, user, memory, max_tokens = 20, temperature = 0 });
        var choice = body.GetProperty("choices")[0];
        JsonElement? used = body.GetProperty("dylora").TryGetProperty("memory", out var episodes) ? episodes : null;
        return new Answered(choice.GetProperty("text").GetString()!.Trim(), choice.GetProperty("finish_reason").GetString()!, used);
    }

    private static int PromptTokens(JsonElement body) => body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();

    private static async Task<JsonElement> AsAsync(TestServer server, string key, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await server.Client.SendAsync(request);
        return await TestServer.BodyOf(response);
    }

    private sealed record Answered(string Text, string FinishReason, JsonElement? Memory);
}
