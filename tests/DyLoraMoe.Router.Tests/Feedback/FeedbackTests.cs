using System.Net;
using System.Text.Json;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Feedback;

public sealed class FeedbackTests(SampleSet sample) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Clock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verdicts_are_kept_in_their_order_and_none_older_than_the_retention_stays()
    {
        var store = new FeedbackStore(new FeedbackOptions { Folder = _folder["verdicts"], Retention = TimeSpan.FromDays(8) }, _clock);
        for (var day = 0; day < 30; day++)
        {
            store.Add(Verdict($"day {day}"));
            _clock.Now += TimeSpan.FromDays(1);
        }

        var kept = Kept();
        Assert.Equal(kept.Select(record => record.Time).Order(), kept.Select(record => record.Time));
        Assert.Equal("day 29", kept[^1].Id);
        Assert.All(kept, record => Assert.InRange(record.Time, (_clock.Now - TimeSpan.FromDays(9)).ToUnixTimeSeconds(), long.MaxValue));
        Assert.InRange(kept.Count, 6, 8);

        _clock.Now += TimeSpan.FromDays(9);
        store.Expire();
        Assert.Empty(Kept());
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        var store = new FeedbackStore(new FeedbackOptions { Folder = _folder["verdicts"], MaxBytes = 8192 }, _clock);
        for (var index = 0; index < 400; index++)
        {
            store.Add(Verdict($"{index}"));
            _clock.Now += TimeSpan.FromSeconds(1);
        }

        Assert.InRange(Directory.GetFiles(_folder["verdicts"]).Sum(file => new FileInfo(file).Length), 4096, 8192);
        Assert.Equal("399", Kept()[^1].Id);
        Assert.DoesNotContain(Kept(), record => record.Id == "0");
    }

    [Fact]
    public void One_that_all_others_would_have_to_go_for_is_refused_and_a_text_takes_no_more_room_than_it_has()
    {
        var store = new FeedbackStore(new FeedbackOptions { Folder = _folder["verdicts"], MaxBytes = 8192 }, _clock);
        store.Add(Verdict("first"));

        Assert.Contains("at most 1024", Assert.Throws<ArgumentException>(() => store.Add(Verdict(new string('a', 1000)))).Message, StringComparison.Ordinal);
        store.Add(Verdict(new string('\'', 900)));

        Assert.Equal(["first", new string('\'', 900)], Kept().Select(record => record.Id));
    }

    [Fact]
    public void Replicas_share_a_folder_without_writing_to_each_others_files()
    {
        var options = new FeedbackOptions { Folder = _folder["verdicts"], Retention = TimeSpan.FromDays(8) };
        var (one, other) = (new FeedbackStore(options, _clock), new FeedbackStore(options, _clock));
        for (var index = 0; index < 20; index++)
        {
            one.Add(Verdict($"one {index}"));
            other.Add(Verdict($"other {index}"));
        }

        Assert.Equal(2, Directory.GetFiles(_folder["verdicts"]).Length);
        Assert.Equal(40, Kept().Count);

        // What a replica that is no more has left goes too.
        _clock.Now += TimeSpan.FromDays(9);
        one.Expire();
        Assert.Empty(Kept());
    }

    [Fact]
    public async Task A_server_that_keeps_verdicts_takes_good_and_bad_ones_and_nothing_else()
    {
        await using var server = await TestServer.StartAsync(sample, options => options with { Feedback = new FeedbackOptions { Folder = _folder["verdicts"] } });

        var stored = await server.AskAsync("/v1/feedback", new { id = "cmpl-1", verdict = "bad", prompt = "a", answer = "b", correction = "c" });
        using var wrong = await server.PostTextAsync("/v1/feedback", "{\"id\":\"cmpl-1\",\"verdict\":\"fine\"}");
        using var empty = await server.PostTextAsync("/v1/feedback", "{\"verdict\":\"good\"}");
        using var plain = await server.Client.PostAsync("/v1/feedback", new StringContent("{\"id\":\"a\",\"verdict\":\"good\"}"), TestContext.Current.CancellationToken);

        Assert.Equal("stored", stored.GetProperty("status").GetString());
        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType], [wrong.StatusCode, empty.StatusCode, plain.StatusCode]);
        var record = Assert.Single(Kept());
        Assert.Equal(("cmpl-1", "bad", "a", "b", "c"), (record.Id, record.Verdict, record.Prompt, record.Answer, record.Correction));
    }

    [Fact]
    public async Task Names_of_more_than_256_characters_and_verdicts_of_more_than_64_KiB_are_refused()
    {
        await using var server = await TestServer.StartAsync(sample, options => options with { Feedback = new FeedbackOptions { Folder = _folder["verdicts"] } });
        var (name, text) = (new string('a', 257), new string('b', 65_000));

        using var id = await server.PostTextAsync("/v1/feedback", $"{{\"id\":\"{name}\",\"verdict\":\"good\"}}");
        using var user = await server.PostTextAsync("/v1/feedback", $"{{\"id\":\"a\",\"user\":\"{name}\",\"verdict\":\"good\"}}");
        using var large = await server.PostTextAsync("/v1/feedback", $"{{\"id\":\"a\",\"answer\":\"{text}{text}\",\"verdict\":\"good\"}}");
        await server.AskAsync("/v1/feedback", new { id = name[1..], verdict = "good", answer = text });

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge], [id.StatusCode, user.StatusCode, large.StatusCode]);
        Assert.Equal("id", (await TestServer.BodyOf(id)).GetProperty("error").GetProperty("param").GetString());
        Assert.Equal("user", (await TestServer.BodyOf(user)).GetProperty("error").GetProperty("param").GetString());
        Assert.Equal(name[1..], Assert.Single(Kept()).Id);
    }

    [Fact]
    public async Task A_verdict_on_a_chat_keeps_the_conversation_and_one_whose_messages_cannot_be_read_is_refused()
    {
        await using var server = await TestServer.StartAsync(sample, options => options with { Feedback = new FeedbackOptions { Folder = _folder["verdicts"] } });

        await server.AskAsync("/v1/feedback", new { verdict = "good", answer = "VII", messages = new object[] { new { role = "developer", content = "Be brief." }, new { role = "user", content = new[] { new { type = "text", text = "7 in roman?" } } } } });
        using var wrong = await server.PostTextAsync("/v1/feedback", "{\"id\":\"chatcmpl-1\",\"verdict\":\"good\",\"messages\":[{\"role\":\"tool\",\"content\":\"a\"}]}");

        var record = Assert.Single(Kept());
        Assert.Equal([("system", "Be brief."), ("user", "7 in roman?")], record.Messages!.Select(message => (message.Role!, message.Content!)));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal("messages[0].role", (await TestServer.BodyOf(wrong)).GetProperty("error").GetProperty("param").GetString());
    }

    private FeedbackRecord Verdict(string id) => new(_clock.Now.ToUnixTimeSeconds(), "", id, "good", null, null, null);

    private List<FeedbackRecord> Kept() =>
        [.. Directory.GetFiles(_folder["verdicts"]).Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines).Select(line => JsonSerializer.Deserialize(line, WireJson.Default.FeedbackRecord)!)];

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
