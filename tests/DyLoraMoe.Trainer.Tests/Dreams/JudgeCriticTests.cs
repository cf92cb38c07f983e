using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Dreams;

namespace DyLoraMoe.Trainer.Tests.Dreams;

public class JudgeCriticTests
{
    private const string Key = "sk-of-a-test";

    private static readonly DreamtAnswer[] _one = [new("Echo: a ->", " a a")];

    [Fact]
    public async Task A_judge_is_asked_about_each_dream_with_examples_and_the_key()
    {
        await using var server = await JudgeServer.StartAsync();
        server.Decide = (_, answer) => (200, JudgeServer.Completion($$"""{"score": 0.{{answer.Trim()}}, "reason": "so"}"""));
        using var judge = Judge(server);

        var verdicts = judge.Judge([.. Enumerable.Range(1, 9).Select(number => new DreamtAnswer($"Say {number}", $" {number}"))], TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(1, 9).Select(number => new DreamVerdict(number / 10.0, "so")), verdicts);
        Assert.Equal("judge wise", judge.Name);
        Assert.All(server.Asked, call =>
        {
            Assert.Equal(("/v1/chat/completions", $"Bearer {Key}", "wise"), (call.Path, call.Authorization, call.Body["model"]!.ToString()));
            Assert.Contains("\"examples\":[{\"prompt\":\"Echo: b ->\",\"answer\":\" b b\"}]", call.Body["messages"]![1]!["content"]!.ToString(), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("1", 1.0, null)]
    [InlineData(" 0.25\n", 0.25, null)]
    [InlineData("""{"score": 0}""", 0.0, null)]
    [InlineData("""{"reason": "fine", "score": 5e-1}""", 0.5, "fine")]
    [InlineData("1.01", 0.0, "expected a score")]
    [InlineData("-0.5", 0.0, "expected a score")]
    [InlineData("NaN", 0.0, "expected a score")]
    [InlineData("", 0.0, "expected a score")]
    [InlineData("I would say 0.9", 0.0, "expected a score")]
    [InlineData("""{"score": "0.9"}""", 0.0, "expected a score")]
    [InlineData("""{"score": 2}""", 0.0, "expected a score")]
    [InlineData("[0.9]", 0.0, "expected a score")]
    [InlineData("""{"score": 0.9""", 0.0, "expected a score")]
    public void Only_a_score_is_a_score(string text, double score, string? note)
    {
        var verdict = JudgeCritic.Read(text);

        Assert.Equal(score, verdict.Score);
        Assert.StartsWith(note ?? "", verdict.Note ?? "", StringComparison.Ordinal);
        Assert.Equal(note is null, verdict.Note is null);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task What_may_pass_is_tried_again(int status)
    {
        await using var server = await JudgeServer.StartAsync();
        server.Decide = (call, _) => call <= 2 ? (status, "busy") : (200, JudgeServer.Completion("0.75"));
        using var judge = Judge(server);

        Assert.Equal(0.75, judge.Judge(_one, TestContext.Current.CancellationToken)[0].Score);
        Assert.Equal(3, server.Asked.Count);
    }

    [Theory]
    [InlineData(503, "answers 503, 3 times", 3)]
    [InlineData(401, "DYLORA_JUDGE_API_KEY", 1)]
    [InlineData(404, "chat/completions", 1)]
    [InlineData(307, "answers 307", 1)]
    [InlineData(400, "answers 400: no model wise (key)", 1)]
    public async Task A_judge_that_does_not_work_ends_the_night_with_a_reason_and_without_the_key(int status, string reason, int calls)
    {
        await using var server = await JudgeServer.StartAsync();
        server.Decide = (_, _) => (status, $"no model wise {Key}");
        using var judge = Judge(server);

        var error = Assert.Throws<JudgeException>(() => judge.Judge(_one, TestContext.Current.CancellationToken));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(calls, server.Asked.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("""{"choices": []}""")]
    [InlineData("""{"choices": [{"message": {"content": 1}}]}""")]
    public async Task What_is_no_chat_completion_is_refused(string body)
    {
        await using var server = await JudgeServer.StartAsync();
        server.Decide = (_, _) => (200, body);
        using var judge = Judge(server);

        Assert.Contains("something else than a chat completion", Assert.Throws<JudgeException>(() => judge.Judge(_one, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_and_waits_have_limits()
    {
        await using var server = await JudgeServer.StartAsync();
        server.Decide = (_, _) => (200, JudgeServer.Completion(new string('x', 5000)));
        using var judge = Judge(server, options => options with { MostBytes = 1000, MostCharacters = 50 });

        var verdict = judge.Judge([new(new string('p', 60), "a")], TestContext.Current.CancellationToken)[0];
        Assert.Equal((0.0, 0), (verdict.Score, server.Asked.Count));
        Assert.Contains("61 characters", verdict.Note, StringComparison.Ordinal);
        Assert.Contains("more than 1000 bytes", Assert.Throws<JudgeException>(() => judge.Judge(_one, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        server.IsSilent = true;
        using var hasty = Judge(server, options => options with { Timeout = TimeSpan.FromMilliseconds(50) });
        Assert.Contains("does not answer within 0.1 seconds, 3 times", Assert.Throws<JudgeException>(() => hasty.Judge(_one, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        using var patient = Judge(server);
        Assert.ThrowsAny<OperationCanceledException>(() => patient.Judge(_one, stop.Token));
    }

    [Fact]
    public void Nobody_there_is_said_as_it_is()
    {
        using var judge = new JudgeCritic(Quick(JudgeOptions.Of("http://127.0.0.1:1/v1/", "wise")), [], TimeProvider.System);

        Assert.Contains("http://127.0.0.1:1/v1/chat/completions cannot be reached", Assert.Throws<JudgeException>(() => judge.Judge(_one, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("judge.example/v1")]
    [InlineData("ftp://judge.example/v1")]
    [InlineData("https://me:secret@judge.example/v1")]
    [InlineData("https://judge.example/v1?key=secret")]
    public void An_address_holds_no_secret(string address) =>
        Assert.DoesNotContain("secret", Assert.Throws<UsageException>(() => JudgeOptions.Of(address, "wise")).Message, StringComparison.Ordinal);

    private static JudgeCritic Judge(JudgeServer server, Func<JudgeOptions, JudgeOptions>? change = null)
    {
        var options = Quick(JudgeOptions.Of(server.Address, "wise")) with { Key = Key };
        return new JudgeCritic(change?.Invoke(options) ?? options, [Sample.Pair("Echo: b ->", " b b")], TimeProvider.System);
    }

    private static JudgeOptions Quick(JudgeOptions options) => options with { Retries = 2, FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(2) };
}
