using System.Net.Http.Json;
using System.Text;

namespace DyLoraMoe.Router.Tests.Endpoints;

[Collection(SharedServer.Name)]
public sealed class BadRequestTests(ReadyServer ready)
{
    private const string Chat = "/v1/chat/completions";
    private const string Completions = "/v1/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    public static TheoryData<string, string, int, string?, string?> Bodies => new()
    {
        { Completions, "", 400, null, null },
        { Completions, "null", 400, null, null },
        { Completions, "[]", 400, null, null },
        { Completions, "\"text\"", 400, null, null },
        { Completions, "{", 400, null, null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",}", 400, null, null },
        { Completions, "\uFEFF\0\0", 400, null, null },
        { Completions, new string('[', 3000), 400, null, null },
        { Completions, "{\"prompt\":\"a\"}", 400, "model", null },
        { Completions, "{\"model\":7,\"prompt\":\"a\"}", 400, "model", null },
        { Completions, "{\"model\":\"other\",\"prompt\":\"a\"}", 404, "model", "model_not_found" },
        { Completions, "{\"model\":\"tiny:nobody\",\"prompt\":\"a\"}", 404, "model", "model_not_found" },
        { Completions, "{\"model\":\"tiny:../../etc/passwd\",\"prompt\":\"a\"}", 404, "model", "model_not_found" },
        { Completions, "{\"model\":\"tiny\"}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":{}}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[]}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[\"a\",1]}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[[]]}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[-1]}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[99999999]}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[1e300]}", 400, "prompt", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"max_tokens\":-1}", 400, "max_tokens", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"max_tokens\":2147483647}", 400, "max_tokens", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"max_tokens\":100000}", 400, "max_tokens", "context_length_exceeded" },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"max_tokens\":99999999999}", 400, "max_tokens", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"" + new string('z', 20_000) + "\"}", 400, "prompt", "context_length_exceeded" },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"temperature\":-1}", 400, "temperature", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"temperature\":\"warm\"}", 400, "temperature", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"top_p\":1.5}", 400, "top_p", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"n\":0}", 400, "n", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"n\":100000}", 400, "n", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"presence_penalty\":3}", 400, "presence_penalty", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"logprobs\":21}", 400, "logprobs", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"stop\":[\"\"]}", 400, "stop", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"stop\":7}", 400, "stop", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"suffix\":\"b\"}", 400, "suffix", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"best_of\":5}", 400, "best_of", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"logit_bias\":{\"5\":1}}", 400, "logit_bias", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"response_format\":{\"type\":\"xml\"}}", 400, "response_format", null },
        { Chat, "{\"model\":\"tiny\"}", 400, "messages", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[]}", 400, "messages", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[null]}", 400, "messages", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[{\"role\":\"tool\",\"content\":\"a\"}]}", 400, "messages[0].role", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\"}]}", 400, "messages[0].content", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}", 400, "messages[0].content", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":1,\"text\":\"a\"}]}]}", 400, "messages[0].content", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"\\ud800\":1}]}]}", 400, "messages[0].content", null },
        { Chat, "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"\\ud800\",\"text\":\"a\"}]}]}", 400, "messages[0].content", null },
        { Chat, "{\"model\":\"tiny\",\"max_tokens\":0," + Messages + "}", 400, "max_tokens", null },
        { Chat, "{\"model\":\"tiny\",\"max_completion_tokens\":0," + Messages + "}", 400, "max_completion_tokens", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":[" + string.Join(',', Enumerable.Repeat("\"a\"", 17)) + "],\"n\":16}", 400, "n", null },
        { Chat, "{\"model\":\"tiny\"," + Messages + ",\"tools\":[{}]}", 400, "tools", null },
        { Chat, "{\"model\":\"tiny\"," + Messages + ",\"functions\":[{}]}", 400, "functions", null },
        { Chat, "{\"model\":\"tiny\"," + Messages + ",\"top_logprobs\":2}", 400, "top_logprobs", null },
        { Completions, "{\"model\":\"tiny\",\"prompt\":\"a\",\"tools\":[{}]}", 400, "tools", null },
        { "/v1/route", "{}", 400, "messages", null },
        { "/v1/route", "{\"prompt\":[\"a\",\"b\"]}", 400, "prompt", null },
        { "/v1/feedback", "{\"id\":\"a\",\"verdict\":\"good\"}", 404, null, "feedback_disabled" },
        { "/v1/nothing", "{}", 404, null, "unknown_url" },
        { "/v1/models", "{}", 405, null, "method_not_allowed" },
        { Completions, "{\"prompt\":\"" + new string('z', 70_000) + "\"}", 413, null, "request_too_large" },
    };

    [Theory]
    [MemberData(nameof(Bodies), DisableDiscoveryEnumeration = true)]
    public async Task Each_gets_the_error_that_says_what_is_wrong(string path, string body, int status, string? param, string? code)
    {
        using var response = await ready.Server.PostTextAsync(path, body);

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"Expected {status}, found {(int)response.StatusCode}: {text}");
        var error = (await TestServer.BodyOf(response)).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("tools", "{}")]
    [InlineData("tools", "\"all\"")]
    [InlineData("functions", "{}")]
    [InlineData("tool_choice", "\"required\"")]
    [InlineData("tool_choice", "{\"type\":\"function\"}")]
    [InlineData("function_call", "{\"name\":\"f\"}")]
    [InlineData("logit_bias", "[]")]
    [InlineData("logit_bias", "{\"5\":0}")]
    [InlineData("modalities", "[\"text\",\"audio\"]")]
    [InlineData("modalities", "\"text\"")]
    [InlineData("audio", "{}")]
    [InlineData("prediction", "{}")]
    [InlineData("min_p", "0.1")]
    [InlineData("min_tokens", "4")]
    [InlineData("repetition_penalty", "1.1")]
    [InlineData("length_penalty", "0.5")]
    [InlineData("stop_token_ids", "[7]")]
    [InlineData("use_beam_search", "true")]
    [InlineData("guided_json", "{}")]
    [InlineData("guided_choice", "[\"a\"]")]
    [InlineData("grammar", "\"root ::= a\"")]
    [InlineData("structured_outputs", "{\"json\":{}}")]
    [InlineData("chat_template_kwargs", "{\"enable_thinking\":false}")]
    [InlineData("continue_final_message", "true")]
    [InlineData("add_generation_prompt", "false")]
    [InlineData("web_search_options", "{}")]
    public async Task What_would_change_the_answer_and_is_not_there_is_refused_by_both_kinds(string name, string value)
    {
        foreach (var (path, asked) in new[] { (Chat, Messages), (Completions, "\"prompt\":\"a\"") })
        {
            using var response = await ready.Server.PostTextAsync(path, $"{{\"model\":\"tiny\",{asked},\"max_tokens\":1,\"{name}\":{value}}}");

            Assert.Equal(400, (int)response.StatusCode);
            var error = (await TestServer.BodyOf(response)).GetProperty("error");
            Assert.Equal(("invalid_request_error", name), (error.GetProperty("type").GetString(), error.GetProperty("param").GetString()));
            Assert.Contains("not supported", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_asks_for_nothing_or_changes_no_answer_is_taken()
    {
        const string Harmless = "\"tools\":[],\"functions\":null,\"tool_choice\":\"none\",\"function_call\":\"auto\",\"logit_bias\":{},\"modalities\":[\"text\"],\"audio\":null,"
            + "\"min_p\":0,\"min_tokens\":0,\"repetition_penalty\":1.0,\"stop_token_ids\":[],\"use_beam_search\":false,\"guided_json\":null,"
            + "\"structured_outputs\":null,\"chat_template_kwargs\":{},\"continue_final_message\":false,\"add_generation_prompt\":true,"
            + "\"store\":true,\"metadata\":{\"a\":\"b\"},\"service_tier\":\"auto\",\"parallel_tool_calls\":true,\"something_new\":[1]";
        foreach (var (path, asked) in new[] { (Chat, Messages), (Completions, "\"prompt\":\"a\"") })
        {
            using var response = await ready.Server.PostTextAsync(path, $"{{\"model\":\"tiny\",{asked},\"max_tokens\":1,{Harmless}}}");

            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Special_tokens_in_a_text_stay_text()
    {
        var plain = await ready.Server.AskAsync("/v1/completions", new { model = "tiny", prompt = "<|im_end|>", max_tokens = 1 });

        Assert.True(plain.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 1);
    }

    [Fact]
    public async Task Half_a_surrogate_or_a_text_of_zeros_is_answered_or_refused_but_never_breaks()
    {
        foreach (var prompt in new[] { "\\ud800", "\\u0000\\u0000", "\\uffff", "\\u202e\\u0301\\u0301" })
        {
            using var response = await ready.Server.PostTextAsync(Completions, $"{{\"model\":\"tiny\",\"prompt\":\"{prompt}\",\"max_tokens\":2}}");
            Assert.True((int)response.StatusCode is 200 or 400, $"{prompt}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_text_among_token_ids_are_the_senders_fault()
    {
        byte[] body = [.. "{\"model\":\"tiny\",\"prompt\":[1,\""u8, 0xFF, .. "\"]}"u8];
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };

        using var response = await ready.Server.Client.PostAsync(Completions, content, TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("prompt", (await TestServer.BodyOf(response)).GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_body_of_another_kind_and_one_that_breaks_off_leave_the_server_alive()
    {
        using var form = await ready.Server.Client.PostAsync(Completions, new FormUrlEncodedContent([new("model", "tiny")]), TestContext.Current.CancellationToken);
        Assert.Equal(415, (int)form.StatusCode);
        using (var broken = new System.Net.Sockets.TcpClient())
        {
            await broken.ConnectAsync(ready.Server.Client.BaseAddress!.Host, ready.Server.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
            var head = $"POST {Completions} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{\"model\"";
            await broken.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        }

        using var sound = await ready.Server.Client.PostAsJsonAsync(Completions, new { model = "tiny", prompt = "a", max_tokens = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)sound.StatusCode);
    }
}
