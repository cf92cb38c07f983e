using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Tests.Jobs;
using DyLoraMoe.Trainer.Tests.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Dreams;

public sealed class DreamsCommandTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_workspace_dreams_goes_on_where_it_was_cut_and_is_looked_at_again()
    {
        LearntWorkspace.Copy(learnt.Taught, _folder["work"]);

        var table = (await Dylora.RunAsync(Dreams("night"))).Succeeded();
        var journal = DreamJournal.Read(_folder["night/echo.jsonl"]);
        var whole = await File.ReadAllTextAsync(_folder["night/echo.jsonl"], TestContext.Current.CancellationToken);

        Assert.Equal(24, journal.Dreams.Count);
        Assert.Contains("echo", table.Output, StringComparison.Ordinal);
        Assert.Contains("duplicate", table.Output, StringComparison.Ordinal);
        Assert.All(journal.Dreams.SelectMany(dream => dream.Candidates), candidate => Assert.InRange(candidate.LogProbability!.Value, -1000, 0));
        Assert.Contains("<svg", await File.ReadAllTextAsync(_folder["night/echo.html"], TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Directory.CreateDirectory(_folder["cut"]);
        await File.WriteAllTextAsync(_folder["cut/echo.jsonl"], NightJobTests.Cut(whole, 20), TestContext.Current.CancellationToken);
        (await Dylora.RunAsync(Dreams("cut"))).Succeeded();
        Assert.Equal(whole, await File.ReadAllTextAsync(_folder["cut/echo.jsonl"], TestContext.Current.CancellationToken));

        var shown = (await Dylora.RunAsync("dreams", "--show", _folder["night/echo.jsonl"], "--out", _folder["pages"], "--json")).Succeeded();
        using var json = JsonDocument.Parse(shown.Output);
        Assert.Equal(24, json.RootElement.GetProperty("nights")[0].GetProperty("dreams").GetInt32());
        Assert.Equal(
            await File.ReadAllTextAsync(_folder["night/echo.html"], TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(_folder["pages/echo.html"], TestContext.Current.CancellationToken));

        var other = await Dylora.RunAsync(Dreams("night", "--seed", "2"));
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("another night", other.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_decides_what_is_kept_and_what_is_kept_is_data_that_training_takes()
    {
        LearntWorkspace.Copy(learnt.Taught, _folder["work"]);

        (await Dylora.RunAsync(Dreams("none", "--least-agreement", "0", "--least-likelihood", "0", "--rule", @"echo=Echo: (\w+) -> \1 \1"))).Succeeded();
        (await Dylora.RunAsync(Dreams("some", "--least-agreement", "0", "--least-likelihood", "0"))).Succeeded();

        var judged = DreamJournal.Read(_folder["none/echo.jsonl"]).Dreams.Where(dream => dream.Verdicts.Count > 0).ToList();
        Assert.NotEmpty(judged);
        Assert.All(judged, dream => Assert.Equal(dream.Prompt!.Split(' ')[1] is var word && dream.Answer == $" {word} {word}", dream.Verdicts["rules"].Score == 1));
        var kept = DreamJournal.Read(_folder["some/echo.jsonl"]).Dreams.Where(dream => dream.IsKept).ToList();
        var lines = await File.ReadAllLinesAsync(_folder["some/echo.samples.jsonl"], TestContext.Current.CancellationToken);
        Assert.NotEmpty(kept);
        Assert.Equal(kept.Select(dream => (dream.Prompt, dream.Answer)), lines.Select(line => JsonNode.Parse(line)!).Select(row => ((string?)row["prompt"], (string?)row["answer"])));

        var trained = await Dylora.RunAsync(
            "train", "--model", learnt.Model, "--data", learnt.Data("echo"), "--dreams", _folder["some/echo.samples.jsonl"], "--mix", "80,0,20", "--out", _folder["expert"], "--steps", "2", "--context", "64", "--threads", "1");
        trained.Succeeded();
    }

    [Fact]
    public async Task Chats_are_dreamt_of_and_what_is_kept_of_them_are_chats()
    {
        var model = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        await File.WriteAllLinesAsync(
            _folder["chats.jsonl"],
            Enumerable.Range(10, 60).Select(number => $$"""{"messages": [{"role": "system", "content": "You repeat."}, {"role": "user", "content": "Say {{number}} {{number * 7}} please"}, {"role": "assistant", "content": "{{number}}"}]}"""),
            TestContext.Current.CancellationToken);
        (await Dylora.RunAsync(
            "learn", "--workspace", _folder["work"], "--model", model, "--skill", "chats", "--data", _folder["chats.jsonl"], "--steps", "40", "--rows", "4", "--context", "96", "--rank", "4", "--largest-rank", "4",
            "--threads", "1")).Succeeded();

        (await Dylora.RunAsync(Dreams("night", "--least-agreement", "0", "--least-likelihood", "0"))).Succeeded();

        var journal = DreamJournal.Read(_folder["night/chats.jsonl"]);
        Assert.All(journal.Graph.Nodes, node => Assert.Equal("You repeat.", node.Sample.Conversation!.Messages[0].Content));
        var lines = await File.ReadAllLinesAsync(_folder["night/chats.samples.jsonl"], TestContext.Current.CancellationToken);
        Assert.NotEmpty(lines);
        Assert.All(lines.Select(line => JsonNode.Parse(line)!["messages"]!), said =>
        {
            Assert.Equal(["system", "user", "assistant"], said.AsArray().Select(message => (string?)message!["role"]));
            Assert.Matches("^Say .* please$", (string?)said[1]!["content"]);
        });
    }

    [Fact]
    public async Task Episodes_of_a_memory_are_memories_of_the_expert_that_is_named()
    {
        LearntWorkspace.Copy(learnt.Taught, _folder["work"]);
        var time = TimeProvider.System.GetUtcNow().AddDays(-2);
        var memory = new EpisodeStore(new EpisodeStoreOptions { Folder = _folder["memory"] }, TimeProvider.System);
        var told = memory.Remember(new Episode { Id = Episode.IdOf("", null, "Echo: zyxw ->"), Prompt = "Echo: zyxw ->", Answer = "zyxw", Origin = EpisodeOrigin.Correction, First = time, Time = time, Surprise = 4 });

        (await Dylora.RunAsync(Dreams("night", "--expert", "echo", "--store", _folder["memory"]))).Succeeded();

        var node = Assert.Single(DreamJournal.Read(_folder["night/echo.jsonl"]).Graph.Nodes, node => node.Episode is not null);
        Assert.Equal(("echo", told.Id, 1.0), (node.Skill, node.Episode, node.Recency));
        Assert.Contains($"episode {told.Id}", await File.ReadAllTextAsync(_folder["night/echo.html"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_has_a_say_and_its_key_is_in_no_output()
    {
        const string Key = "sk-of-a-test";
        LearntWorkspace.Copy(learnt.Taught, _folder["work"]);
        await using var server = await JudgeServer.StartAsync();
        server.Decide = (_, _) => (200, JudgeServer.Completion("""{"score": 0.25, "reason": "not convinced"}"""));

        // So small an expert does not agree with itself; here every answer that comes to an end goes before the judge.
        using var process = DyloraProcess.Start(
            [(JudgeInput.KeyVariable, Key)], Dreams("night", "--judge", server.Address, "--judge-model", "wise", "--least-agreement", "0", "--least-likelihood", "0"));
        var outcome = (await DyloraProcess.FinishAsync(process)).Succeeded();

        var dreams = DreamJournal.Read(_folder["night/echo.jsonl"]).Dreams;
        Assert.NotEmpty(server.Asked);
        Assert.All(server.Asked, call => Assert.Equal($"Bearer {Key}", call.Authorization));
        Assert.Equal(server.Asked.Count, dreams.Count(dream => dream.Outcome == DreamOutcome.Rejected && dream.Verdicts["judge wise"] == new DreamVerdict(0.25, "not convinced")));
        Assert.DoesNotContain(dreams, dream => dream.IsKept);
        Assert.DoesNotContain(Key, outcome.Output + outcome.Errors + string.Concat(Directory.GetFiles(_folder["night"]).Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("either --workspace")]
    [InlineData("either --workspace", "--workspace", "x", "--show", "y")]
    [InlineData("--judge-model", "--workspace", "x", "--judge", "http://127.0.0.1:1/v1")]
    [InlineData("belong to --judge", "--workspace", "x", "--judge-model", "wise")]
    [InlineData("--store needs --expert", "--workspace", "x", "--store", "y")]
    [InlineData("SKILL=REGEX", "--workspace", "x", "--rule", "echo")]
    [InlineData("no regular expression", "--workspace", "x", "--rule", "echo=(")]
    [InlineData("http(s)", "--workspace", "x", "--judge", "judge.example", "--judge-model", "wise")]
    public async Task A_bad_command_line_names_the_mistake(string expected, params string[] args)
    {
        var outcome = await Dylora.RunAsync(["dreams", "--out", _folder["none"], .. args]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private string[] Dreams(string output, params string[] more) =>
        ["dreams", "--workspace", _folder["work"], "--out", _folder[output], "--threads", "1", "--count", "24", .. more];
}
