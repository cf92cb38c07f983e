using System.Text.Json;
using DyLoraMoe.Router.Sets;
using Microsoft.Extensions.DependencyInjection;

namespace DyLoraMoe.Router.Tests.Endpoints;

[Collection(SharedServer.Name)]
public sealed class ChatTests(ReadyServer ready)
{
    private static readonly object[] _messages = [new { role = "system", content = "Answer briefly." }, new { role = "user", content = "What is 7 in roman numerals?" }];

    [Fact]
    public async Task An_answer_has_the_shape_that_clients_of_OpenAI_read_and_names_its_experts()
    {
        var reply = await ready.Server.AskAsync("/v1/chat/completions", new { model = "tiny", messages = _messages, max_tokens = 9, temperature = 0, ignore_eos = true });

        Assert.StartsWith("chatcmpl-", reply.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("chat.completion", reply.GetProperty("object").GetString());
        Assert.Equal("tiny", reply.GetProperty("model").GetString());
        var choice = Assert.Single(reply.GetProperty("choices").EnumerateArray());
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.NotEmpty(choice.GetProperty("message").GetProperty("content").GetString()!);
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        var usage = reply.GetProperty("usage");
        Assert.Equal(9, usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32() + 9, usage.GetProperty("total_tokens").GetInt32());
        var dylora = reply.GetProperty("dylora");
        var weights = dylora.GetProperty("experts").EnumerateArray().Sum(expert => expert.GetProperty("weight").GetDouble());
        Assert.Equal("blended", dylora.GetProperty("mode").GetString());
        Assert.InRange(weights, 0.01, 1.0001);
    }

    [Fact]
    public async Task A_stream_gives_the_same_text_in_pieces_then_the_usage_then_the_end()
    {
        var body = new { model = "tiny:roman", messages = _messages, max_tokens = 12, temperature = 0, ignore_eos = true };
        var whole = await ready.Server.AskAsync("/v1/chat/completions", body);

        var chunks = await ready.Server.StreamAsync("/v1/chat/completions", new { body.model, body.messages, body.max_tokens, body.temperature, body.ignore_eos, stream = true, stream_options = new { include_usage = true } });

        Assert.Equal("assistant", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("forced", chunks[0].GetProperty("dylora").GetProperty("mode").GetString());
        var text = string.Concat(chunks.SkipLast(1).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), text);
        Assert.Equal("length", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(12, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task Likely_tokens_are_named_with_their_probabilities()
    {
        var reply = await ready.Server.AskAsync("/v1/chat/completions", new { model = "tiny", messages = _messages, max_tokens = 3, temperature = 0, logprobs = true, top_logprobs = 4, ignore_eos = true });

        var tokens = reply.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray().ToList();
        Assert.Equal(3, tokens.Count);
        Assert.All(tokens, token =>
        {
            var top = token.GetProperty("top_logprobs").EnumerateArray().Select(each => each.GetProperty("logprob").GetDouble()).ToList();
            Assert.Equal(4, top.Count);
            Assert.Equal(top.OrderDescending(), top);
            Assert.Equal(top[0], token.GetProperty("logprob").GetDouble(), 1e-5);
            Assert.InRange(top.Sum(Math.Exp), 0, 1.0001);
        });
    }

    [Fact]
    public async Task Chunks_without_a_token_have_an_empty_list_of_probabilities_where_they_were_asked_for()
    {
        var chunks = await ready.Server.StreamAsync("/v1/chat/completions", new { model = "tiny", messages = _messages, max_tokens = 3, temperature = 0, logprobs = true, ignore_eos = true, stream = true });

        var lists = chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").GetArrayLength()).ToList();
        Assert.Equal(0, lists[0]);
        Assert.Equal(0, lists[^1]);
        Assert.Equal(3, lists.Sum());
    }

    [Fact]
    public async Task A_form_of_JSON_is_kept()
    {
        var reply = await ready.Server.AskAsync("/v1/chat/completions", new { model = "tiny", messages = _messages, max_tokens = 120, temperature = 1.2, seed = 3, response_format = new { type = "json_object" } });

        var choice = reply.GetProperty("choices")[0];
        var text = choice.GetProperty("message").GetProperty("content").GetString()!;
        Assert.StartsWith("{", text.TrimStart(), StringComparison.Ordinal);
        if (choice.GetProperty("finish_reason").GetString() == "stop")
        {
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(text).RootElement.ValueKind);
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_gives_its_slot_back()
    {
        var engine = ready.Server.Services.GetRequiredService<SetState>().Current!.Engine;
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions"))
        {
            request.Content = System.Net.Http.Json.JsonContent.Create(new { model = "tiny", messages = _messages, n = 4, stream = true, ignore_eos = true });
            using var response = await ready.Server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            await Engine.Engines.UntilAsync(() => engine.Status.Running > 0);
        }

        await Engine.Engines.UntilAsync(() => engine.Status is { Running: 0, Waiting: 0, Reading: 0 });
    }
}
