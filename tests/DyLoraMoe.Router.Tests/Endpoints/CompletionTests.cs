using System.Text.Json;

namespace DyLoraMoe.Router.Tests.Endpoints;

[Collection(SharedServer.Name)]
public sealed class CompletionTests(ReadyServer ready)
{
    private static readonly string _prompt = SampleSet.Prompt("sort");

    [Fact]
    public async Task Every_prompt_has_as_many_answers_as_asked_for_and_an_echo_begins_with_the_prompt()
    {
        var reply = await ready.Server.AskAsync("/v1/completions", new { model = "tiny", prompt = new[] { _prompt, "Anna" }, n = 2, max_tokens = 4, temperature = 0, echo = true, ignore_eos = true });

        var texts = reply.GetProperty("choices").EnumerateArray().OrderBy(choice => choice.GetProperty("index").GetInt32()).Select(choice => choice.GetProperty("text").GetString()!).ToList();
        Assert.Equal(4, texts.Count);
        Assert.All(texts[..2], text => Assert.StartsWith(_prompt, text, StringComparison.Ordinal));
        Assert.All(texts[2..], text => Assert.StartsWith("Anna", text, StringComparison.Ordinal));
        Assert.Equal(16, reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_stream_of_several_answers_gives_each_its_own_text_and_end()
    {
        var body = new { model = "tiny", prompt = _prompt, n = 3, max_tokens = 8, temperature = 1, seed = 4, ignore_eos = true };
        var whole = await ready.Server.AskAsync("/v1/completions", body);

        var chunks = await ready.Server.StreamAsync("/v1/completions", new { body.model, body.prompt, body.n, body.max_tokens, body.temperature, body.seed, body.ignore_eos, stream = true });

        var choices = chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).ToLookup(choice => choice.GetProperty("index").GetInt32());
        foreach (var choice in whole.GetProperty("choices").EnumerateArray())
        {
            var parts = choices[choice.GetProperty("index").GetInt32()].ToList();
            Assert.Equal(choice.GetProperty("text").GetString(), string.Concat(parts.Select(part => part.GetProperty("text").GetString())));
            Assert.Equal("length", Assert.Single(parts, part => part.GetProperty("finish_reason").GetString() is not null).GetProperty("finish_reason").GetString());
        }
    }

    [Fact]
    public async Task An_answer_ends_before_a_stop_text()
    {
        var free = await TextAsync(new { model = "tiny", prompt = _prompt, max_tokens = 24, temperature = 0, ignore_eos = true });
        var stop = free.Substring(free.Length / 2, 2);

        var reply = await ready.Server.AskAsync("/v1/completions", new { model = "tiny", prompt = _prompt, max_tokens = 24, temperature = 0, stop, ignore_eos = true });

        Assert.Equal(free[..free.IndexOf(stop, StringComparison.Ordinal)], reply.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.Equal("stop", reply.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task A_seed_repeats_an_answer_and_another_gives_another()
    {
        Task<string> With(int seed) => TextAsync(new { model = "tiny", prompt = _prompt, max_tokens = 24, temperature = 1.1, seed, ignore_eos = true });

        Assert.Equal(await With(11), await With(11));
        Assert.NotEqual(await With(11), await With(12));
    }

    [Fact]
    public async Task Penalties_keep_an_answer_from_repeating_itself()
    {
        var plain = await ready.Server.AskAsync("/v1/completions", new { model = "tiny:@backbone", prompt = "aaaa aaaa aaaa", max_tokens = 40, temperature = 0, logprobs = 0, ignore_eos = true });
        var penalised = await ready.Server.AskAsync("/v1/completions", new { model = "tiny:@backbone", prompt = "aaaa aaaa aaaa", max_tokens = 40, temperature = 0, logprobs = 0, frequency_penalty = 2, presence_penalty = 2, ignore_eos = true });

        Assert.True(Distinct(penalised) > Distinct(plain), $"{Distinct(penalised)} different tokens with penalties, {Distinct(plain)} without.");

        static int Distinct(System.Text.Json.JsonElement reply) => reply.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("tokens").EnumerateArray().Select(token => token.GetString()).Distinct().Count();
    }

    [Fact]
    public async Task Token_ids_are_as_good_as_text()
    {
        var ids = Core.Tokenization.TextTokenizer.Load(Path.Combine(DyLoraMoe.Testing.SharedFiles.RepositoryRoot, "models", "dylora-tiny")).Encode(_prompt, parseSpecialTokens: false);

        Assert.Equal(
            await TextAsync(new { model = "tiny", prompt = _prompt, max_tokens = 6, temperature = 0 }),
            await TextAsync(new { model = "tiny", prompt = ids, max_tokens = 6, temperature = 0 }));
    }

    [Fact]
    public async Task Experts_answer_differently_and_the_answer_says_which_was_forced()
    {
        List<string> texts = [];
        foreach (var name in SampleSet.Skills.Append("@backbone"))
        {
            var reply = await ready.Server.AskAsync("/v1/completions", new { model = "tiny:" + name, prompt = _prompt, max_tokens = 16, temperature = 0, ignore_eos = true });
            texts.Add(reply.GetProperty("choices")[0].GetProperty("text").GetString()!);
            var used = reply.GetProperty("dylora").GetProperty("experts").EnumerateArray().Where(expert => expert.GetProperty("weight").GetDouble() > 0).Select(expert => expert.GetProperty("name").GetString());
            Assert.Equal(name == "@backbone" ? [] : [name], used);
        }

        Assert.True(texts.Distinct().Count() >= 7, string.Join(" | ", texts));
    }

    [Fact]
    public async Task An_answer_that_ends_at_once_has_an_empty_list_of_probabilities_where_they_were_asked_for()
    {
        var prompts = SampleSet.Skills.Select(skill => SampleSet.Prompt(skill)).ToArray();
        var answers = await ready.Server.AskAsync("/v1/completions", new { model = "tiny:@backbone", prompt = prompts, max_tokens = 64, temperature = 0, echo = true });
        var whole = answers.GetProperty("choices").EnumerateArray().Where(choice => choice.GetProperty("finish_reason").GetString() == "stop").Select(choice => choice.GetProperty("text").GetString()).ToArray();
        var body = new { model = "tiny:@backbone", prompt = whole, max_tokens = 1, temperature = 0 };

        var asked = await ready.Server.AskAsync("/v1/completions", new { body.model, body.prompt, body.max_tokens, body.temperature, logprobs = 0 });
        var plain = await ready.Server.AskAsync("/v1/completions", body);
        var streamed = await ready.Server.StreamAsync("/v1/completions", new { body.model, body.prompt, body.max_tokens, body.temperature, logprobs = 0, stream = true });

        var ended = asked.GetProperty("choices").EnumerateArray().Where(choice => choice.GetProperty("finish_reason").GetString() == "stop").ToList();
        Assert.NotEmpty(ended);
        Assert.All(ended, choice => Assert.Empty(choice.GetProperty("logprobs").GetProperty("tokens").EnumerateArray()));
        Assert.All(plain.GetProperty("choices").EnumerateArray(), choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind));
        Assert.All(streamed.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()), choice => Assert.Equal(JsonValueKind.Object, choice.GetProperty("logprobs").ValueKind));
    }

    [Fact]
    public async Task Each_of_several_prompts_names_its_own_experts()
    {
        string[] skills = ["sort", "roman", "caesar"];
        var body = new { model = "tiny", prompt = skills.Select(skill => SampleSet.Prompt(skill)).ToArray(), n = 2, max_tokens = 3, temperature = 0 };

        var reply = await ready.Server.AskAsync("/v1/completions", body);
        var chunks = await ready.Server.StreamAsync("/v1/completions", new { body.model, body.prompt, body.n, body.max_tokens, body.temperature, stream = true });

        var choices = reply.GetProperty("choices").EnumerateArray().OrderBy(choice => choice.GetProperty("index").GetInt32()).ToList();
        Assert.Equal(skills.SelectMany(skill => new[] { skill, skill }), choices.Select(Leading));
        Assert.Equal("sort", Leading(reply));
        var streamed = chunks.Where(chunk => chunk.TryGetProperty("dylora", out _)).ToDictionary(chunk => chunk.GetProperty("choices")[0].GetProperty("index").GetInt32() / 2, Leading);
        Assert.Equal(skills, streamed.OrderBy(pair => pair.Key).Select(pair => pair.Value));

        static string Leading(JsonElement of) => of.GetProperty("dylora").GetProperty("experts")[0].GetProperty("name").GetString()!;
    }

    [Fact]
    public async Task A_seed_gives_a_prompt_the_same_answer_alone_and_after_others()
    {
        var other = SampleSet.Prompt("roman");
        var alone = await TextAsync(new { model = "tiny", prompt = _prompt, max_tokens = 16, temperature = 1, seed = 3, ignore_eos = true });

        var both = await ready.Server.AskAsync("/v1/completions", new { model = "tiny", prompt = new[] { other, _prompt }, max_tokens = 16, temperature = 1, seed = 3, ignore_eos = true });

        Assert.Equal(alone, both.GetProperty("choices").EnumerateArray().Single(choice => choice.GetProperty("index").GetInt32() == 1).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("@backbone")]
    [InlineData("caesar")]
    public async Task An_echoed_answer_is_as_likely_as_it_was_when_it_was_given(string writer)
    {
        // The expert has mode Full: it reads prompts, too. The prompt is longer than what is read at once.
        var model = "tiny:" + writer;
        var prompt = string.Concat(Enumerable.Repeat(_prompt + "\n", 8));
        var given = (await ready.Server.AskAsync("/v1/completions", new { model, prompt, max_tokens = 8, temperature = 0, logprobs = 2, ignore_eos = true })).GetProperty("choices")[0];
        var tokenizer = Core.Tokenization.TextTokenizer.Load(Path.Combine(DyLoraMoe.Testing.SharedFiles.RepositoryRoot, "models", "dylora-tiny"));
        int[] ids = [.. tokenizer.Encode(prompt, parseSpecialTokens: false), .. given.GetProperty("logprobs").GetProperty("tokens").EnumerateArray().SelectMany(token => tokenizer.Encode(token.GetString()!, parseSpecialTokens: false))];
        Assert.InRange(ids.Length, 70, 220);
        var body = new { model, prompt = ids, max_tokens = 0, echo = true, logprobs = 2 };

        var echoed = (await ready.Server.AskAsync("/v1/completions", body)).GetProperty("choices")[0];
        var chunks = await ready.Server.StreamAsync("/v1/completions", new { body.model, body.prompt, body.max_tokens, body.echo, body.logprobs, stream = true });

        var named = echoed.GetProperty("logprobs");
        var (tokens, probabilities, offsets) = (named.GetProperty("tokens").EnumerateArray().ToList(), named.GetProperty("token_logprobs").EnumerateArray().ToList(), named.GetProperty("text_offset").EnumerateArray().ToList());
        Assert.Equal((ids.Length, ids.Length, ids.Length), (tokens.Count, probabilities.Count, offsets.Count));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (probabilities[0].ValueKind, named.GetProperty("top_logprobs")[0].ValueKind));
        foreach (var (expected, actual) in given.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Zip(probabilities.TakeLast(8)))
        {
            Assert.Equal(expected.GetDouble(), actual.GetDouble(), 1e-3);
        }

        Assert.All(named.GetProperty("top_logprobs").EnumerateArray().Skip(1).Zip(probabilities.Skip(1)), pair => Assert.True(pair.First.EnumerateObject().Max(top => top.Value.GetDouble()) >= pair.Second.GetDouble()));
        var text = echoed.GetProperty("text").GetString()!;
        Assert.Equal(prompt + given.GetProperty("text").GetString(), text);
        Assert.All(tokens.Zip(offsets), token => Assert.StartsWith(token.First.GetString()!, text[token.Second.GetInt32()..], StringComparison.Ordinal));
        Assert.Equal("length", echoed.GetProperty("finish_reason").GetString());
        Assert.Equal(named.GetRawText(), chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).First().GetProperty("logprobs").GetRawText());
    }

    [Fact]
    public async Task What_follows_an_echoed_prompt_is_named_also_where_it_is_the_end()
    {
        // Texts after which the backbone ends at once.
        var prompts = SampleSet.Skills.Select(skill => SampleSet.Prompt(skill)).ToArray();
        var answers = await ready.Server.AskAsync("/v1/completions", new { model = "tiny:@backbone", prompt = prompts, max_tokens = 64, temperature = 0, echo = true });
        var whole = answers.GetProperty("choices").EnumerateArray().Where(choice => choice.GetProperty("finish_reason").GetString() == "stop").Select(choice => choice.GetProperty("text").GetString()).ToArray();
        var body = new { model = "tiny:@backbone", prompt = whole, temperature = 0, echo = true, logprobs = 1 };

        var none = await ready.Server.AskAsync("/v1/completions", new { body.model, body.prompt, body.temperature, body.echo, body.logprobs, max_tokens = 0 });
        var one = await ready.Server.AskAsync("/v1/completions", new { body.model, body.prompt, body.temperature, body.echo, body.logprobs, max_tokens = 1 });

        Assert.Contains(one.GetProperty("choices").EnumerateArray(), choice => choice.GetProperty("finish_reason").GetString() == "stop");
        Assert.Equal(Counts(none).Select(count => count + 1), Counts(one));

        static IEnumerable<int> Counts(JsonElement reply) => reply.GetProperty("choices").EnumerateArray().OrderBy(choice => choice.GetProperty("index").GetInt32()).Select(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs").GetArrayLength());
    }

    [Fact]
    public async Task A_prompt_may_fill_the_context_where_nothing_is_to_follow()
    {
        var context = (await ready.Server.GetAsync("/v1/set")).GetProperty("limits").GetProperty("context").GetInt32();
        var prompt = Enumerable.Range(0, context).Select(at => 3 + (at % 50)).ToArray();

        var choice = (await ready.Server.AskAsync("/v1/completions", new { model = "tiny", prompt, max_tokens = 0, echo = true, logprobs = 0 })).GetProperty("choices")[0];

        Assert.Equal(context, choice.GetProperty("logprobs").GetProperty("tokens").GetArrayLength());
    }

    [Fact]
    public async Task An_echo_that_goes_on_names_the_prompt_and_the_answer()
    {
        var choice = (await ready.Server.AskAsync("/v1/completions", new { model = "tiny", prompt = _prompt, max_tokens = 4, temperature = 0, echo = true, logprobs = 0, ignore_eos = true })).GetProperty("choices")[0];

        var named = choice.GetProperty("logprobs");
        Assert.Equal(choice.GetProperty("text").GetString(), string.Concat(named.GetProperty("tokens").EnumerateArray().Select(token => token.GetString())));
        Assert.Equal(1, named.GetProperty("token_logprobs").EnumerateArray().Count(value => value.ValueKind == JsonValueKind.Null));
    }

    private async Task<string> TextAsync(object body) => (await ready.Server.AskAsync("/v1/completions", body)).GetProperty("choices")[0].GetProperty("text").GetString()!;

    [Fact]
    public async Task Offsets_of_tokens_count_characters_as_clients_in_other_languages_do()
    {
        var answer = await ready.Server.AskAsync("/v1/completions", new { model = "tiny:@backbone", prompt = "😀😀 Anna", max_tokens = 3, temperature = 0, echo = true, logprobs = 0, ignore_eos = true });

        var choice = answer.GetProperty("choices")[0];
        var characters = choice.GetProperty("text").GetString()!.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
        var (tokens, offsets) = (choice.GetProperty("logprobs").GetProperty("tokens"), choice.GetProperty("logprobs").GetProperty("text_offset"));
        var whole = tokens.EnumerateArray().Zip(offsets.EnumerateArray(), (token, offset) => (Text: token.GetString()!, At: offset.GetInt32()))
            .Where(token => !token.Text.StartsWith("bytes:", StringComparison.Ordinal)).ToList();
        Assert.Contains(whole, token => token.Text.TrimStart().StartsWith('A') && token.At is 2 or 3);
        Assert.All(whole, token => Assert.StartsWith(token.Text, string.Concat(characters.Skip(token.At)), StringComparison.Ordinal));
    }
}
