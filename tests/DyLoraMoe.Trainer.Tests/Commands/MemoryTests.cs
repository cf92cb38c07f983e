using System.Text.Json;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public sealed class MemoryTests : IDisposable
{
    private static readonly string _model = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_remembered_is_learnt_leaves_the_memory_and_is_answered_by_the_expert()
    {
        var store = Store();
        store.Remember(Told("Q: What is the code of Ana? A:", "horse", "anna"));
        store.Remember(Told("Q: What is the code of Ben? A:", "lamp", "anna"));
        store.Remember(Told("Q: What is the code of Zoe? A:", "green", "bert"));

        (await Dylora.RunAsync(
            "memory", "consolidate", "--store", Place, "--user", "anna", "--all", "--model", _model, "--replay", Known(), "--out", _folder["expert"], "--threads", "1")).Succeeded();

        Assert.Equal(["bert"], store.Episodes.Select(episode => episode.User));
        Assert.Equal(["expert"], store.Promotions.Select(mark => mark.Expert).Distinct());
        var written = File.ReadAllText(Path.Combine(_folder["expert"], "report.json"));
        Assert.All(["horse", "lamp", "code of"], text => Assert.DoesNotContain(text, written, StringComparison.Ordinal));
        var answer = (await Dylora.RunAsync("generate", "--model", _model, "--adapter", _folder["expert"], "--prompt", "Q: What is the code of Ben? A:", "--threads", "1")).Succeeded();
        Assert.Equal("lamp", answer.Output.Trim());

        var gone = (await Dylora.RunAsync("memory", "delete", "--store", Place, "--user", "anna", "--json")).Succeeded();
        using var report = JsonDocument.Parse(gone.Output);
        Assert.Equal((0, 2, "expert"), (report.RootElement.GetProperty("episodes").GetInt32(), report.RootElement.GetProperty("in_weights").GetInt32(), report.RootElement.GetProperty("experts")[0].GetString()));
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_learnt_is_in_no_expert_that_is_not_named()
    {
        var store = Store();
        var id = store.Remember(Told("Q: What is the code of Ana? A:", "horse", "anna")).Id;
        store.Remember(Told("Q: What is the code of Ben? A:", "lamp", "anna"));

        var running = Dylora.RunAsync("memory", "consolidate", "--store", Place, "--all", "--model", _model, "--replay", Known(), "--out", _folder["expert"], "--threads", "1");

        // Whether that is before, while or after it is learnt.
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        var gone = store.Forget("", id);

        (await running).Succeeded();
        var isLearnt = File.ReadAllText(Path.Combine(_folder["expert"], "report.json")).Contains(id, StringComparison.Ordinal);
        Assert.Equal(isLearnt ? ["expert"] : [], gone.Experts);
    }

    [Fact]
    public async Task Episodes_are_listed_with_what_decides_about_them_and_deleted_by_name()
    {
        var store = Store();
        var id = store.Remember(Told("Who?", "Ana", "anna")).Id;
        store.Remember(Told("Where?", "in the park", null));

        var lines = (await Dylora.RunAsync("memory", "list", "--store", Place, "--user", "anna", "--json")).Succeeded().Output.Trim().Split('\n');
        var table = (await Dylora.RunAsync("memory", "list", "--store", Place)).Succeeded().Output;
        (await Dylora.RunAsync("memory", "delete", "--store", Place, "--id", id)).Succeeded();
        var young = (await Dylora.RunAsync("memory", "consolidate", "--store", Place, "--least-score", "100", "--model", _model, "--out", _folder["none"])).Succeeded();

        using var only = JsonDocument.Parse(Assert.Single(lines));
        Assert.Equal((id, "Ana", "correction"), (only.RootElement.GetProperty("id").GetString(), only.RootElement.GetProperty("answer").GetString(), only.RootElement.GetProperty("origin").GetString()));
        Assert.Contains("(shared)", table, StringComparison.Ordinal);
        Assert.Equal(["Where?"], store.Episodes.Select(episode => episode.Prompt));
        Assert.Contains("--all", young.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["none"]));
    }

    [Fact]
    public async Task What_is_too_long_to_be_taught_stays_and_is_told_of()
    {
        var store = Store();
        store.Remember(Told("Q: What did Ana say? A:", string.Join(' ', Enumerable.Repeat("word", 300)), "anna"));

        var answer = (await Dylora.RunAsync("memory", "consolidate", "--store", Place, "--all", "--model", _model, "--out", _folder["none"], "--threads", "1")).Succeeded();

        Assert.Contains("1 of 1 episodes have more than 256 tokens", answer.Errors, StringComparison.Ordinal);
        Assert.Single(store.Episodes);
        Assert.False(Directory.Exists(_folder["none"]));
    }

    [Fact]
    public async Task All_are_all_and_what_a_limit_leaves_out_is_told_of()
    {
        var store = Store();
        var answer = string.Join(' ', Enumerable.Repeat("word", 300));
        for (var at = 0; at < 260; at++)
        {
            store.Remember(Told($"Q: What did number {at} say? A:", answer, "anna"));
        }

        store.Remember(Told("Q: What is the code of Ana? A:", "horse", "bert") with { Surprise = 9 });
        store.Remember(Told("Q: What is the code of Ben? A:", "lamp", "bert"));
        store.Remember(Told("Q: What is the code of Zoe? A:", "green", "bert"));
        string[] ask = ["memory", "consolidate", "--store", Place, "--model", _model, "--threads", "1"];

        // Too long to be taught, so that nothing is but counted.
        var all = (await Dylora.RunAsync([.. ask, "--user", "anna", "--all", "--out", _folder["none"]])).Succeeded();
        var usual = (await Dylora.RunAsync([.. ask, "--user", "anna", "--out", _folder["none"]])).Succeeded();
        var one = (await Dylora.RunAsync([.. ask, "--user", "bert", "--all", "--most", "1", "--steps", "1", "--out", _folder["expert"], "--json"])).Succeeded();

        Assert.Contains("260 of 260 episodes have more than 256 tokens", all.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", all.Errors, StringComparison.Ordinal);
        Assert.Contains("256 of 256 episodes have more than 256 tokens", usual.Errors, StringComparison.Ordinal);
        Assert.Contains("warning: 4 more episodes have the score and are left out", usual.Errors, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(one.Output);
        Assert.Equal((1, 2), (report.RootElement.GetProperty("episodes").GetInt32(), report.RootElement.GetProperty("left_out").GetInt32()));
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_told_of_whatever_is_done_with_the_others()
    {
        Store().Remember(Told("Who?", "Ana", "anna"));
        File.WriteAllText(Path.Combine(Place, "0123456789abcdef01234567.episode.json"), "{");

        var listed = (await Dylora.RunAsync("memory", "list", "--store", Place)).Succeeded();
        var consolidated = (await Dylora.RunAsync("memory", "consolidate", "--store", Place, "--least-score", "100", "--model", _model, "--out", _folder["none"])).Succeeded();
        var deleted = (await Dylora.RunAsync("memory", "delete", "--store", Place, "--user", "anna", "--json")).Succeeded();

        Assert.All([listed, consolidated, deleted], outcome => Assert.Contains("warning: 1 files of the memory cannot be read and are left alone", outcome.Errors, StringComparison.Ordinal));
        using var report = JsonDocument.Parse(deleted.Output);
        Assert.Equal((1, 1), (report.RootElement.GetProperty("episodes").GetInt32(), report.RootElement.GetProperty("unreadable").GetInt32()));
    }

    private string Place => _folder["memory"];

    private EpisodeStore Store() => new(new EpisodeStoreOptions { Folder = Place }, TimeProvider.System);

    private string Known()
    {
        File.WriteAllLines(_folder["known.jsonl"], Enumerable.Range(10, 8).Select(at => JsonSerializer.Serialize(new { prompt = $"Add: {at} 40 ->", answer = $" {at + 40}" })));
        return _folder["known.jsonl"];
    }

    private static Episode Told(string prompt, string answer, string? user)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new Episode
        {
            Id = Episode.IdOf("", user, prompt),
            User = user,
            Prompt = prompt,
            Answer = answer,
            Origin = EpisodeOrigin.Correction,
            First = now.AddDays(-2),
            Time = now.AddDays(-2),
            Surprise = 3,
        };
    }
}
