using System.Text.Json.Nodes;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class TuningTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    [Fact]
    public async Task Tuning_prints_the_whole_grid_and_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        string[] tune =
        [
            "tune", "--workspace", folder["work"], "--data", learnt.Data("next"), "--ranks", "2,4", "--seeding-rates", "0.01,0.03", "--rates", "0.5", "--first-budget", "2000", "--eta", "2",
            "--rows", "4", "--context", "64", "--out", folder["tuning"], "--threads", "1", "--json",
        ];

        var first = (await Dylora.RunAsync(tune)).Succeeded();
        var second = (await Dylora.RunAsync(tune)).Succeeded();

        var report = JsonNode.Parse(first.Output)!;
        Assert.Equal(4 + 2 + 1, report["grid"]!.AsArray().Count);
        Assert.NotNull(report["best"]);
        Assert.Equal(first.Output, second.Output);
        var other = await Dylora.RunAsync([.. tune, "--seed", "2"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("is of another search", other.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tuning_for_a_skill_that_is_known_scores_the_trial_and_not_who_has_learnt_it()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        // That of no rate at all has learnt nothing.
        var tuned = (await Dylora.RunAsync(
            "tune", "--workspace", folder["work"], "--data", learnt.Data("echo"), "--ranks", "4", "--seeding-rates", "0.0000001,0.02", "--rates", "0.5", "--replays", "50", "--first-budget", "8000",
            "--eta", "2", "--rows", "4", "--context", "64", "--out", folder["tuning"], "--threads", "1", "--json")).Succeeded();

        Assert.Contains("'echo' has some of these data already", tuned.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("'next' has", tuned.Errors, StringComparison.Ordinal);
        var first = JsonNode.Parse(tuned.Output)!["grid"]!.AsArray().Where(row => (int)row!["rung"]! == 0).Select(row => (double)row!["validation_loss"]!).ToList();
        Assert.True(first[1] < first[0] - 0.1, tuned.Output);
    }

    [Fact]
    public async Task Tuning_scores_the_tokens_that_count_in_the_workspace()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["few.jsonl"], ["""{"prompt": "a", "answer": "b"}"""]);

        // That answers are digits is soon known; the letters of prompts take longer.
        var draws = new Random(1);
        File.WriteAllLines(folder["draws.jsonl"], Enumerable.Range(0, 100).Select(_ => $$"""{"prompt": "any of the other letters", "answer": "{{draws.Next(100_000, 1_000_000)}}"}"""));
        var (answer, everything) = (await ScoreAsync("answer"), await ScoreAsync("everything"));
        Assert.True(answer < everything - 0.1, $"{answer:0.000} nats a token over answers, {everything:0.000} over everything");

        async Task<double> ScoreAsync(string loss)
        {
            // Too few to learn, but the workspace is there.
            var few = await Dylora.RunAsync("learn", "--workspace", folder[loss], "--model", learnt.Model, "--skill", "few", "--data", folder["few.jsonl"], "--loss", loss, "--context", "64");
            Assert.Contains("Give more data", few.ErrorLine, StringComparison.Ordinal);
            var tuned = await Dylora.RunAsync(
                "tune", "--workspace", folder[loss], "--data", folder["draws.jsonl"], "--ranks", "2", "--seeding-rates", "0.02", "--rates", "0.5", "--first-budget", "2000", "--rows", "4",
                "--out", folder["tuning-" + loss], "--threads", "1", "--json");
            return (double)JsonNode.Parse(tuned.Succeeded().Output)!["validation_loss"]!;
        }
    }
}
