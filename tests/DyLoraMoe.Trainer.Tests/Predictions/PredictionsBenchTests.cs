using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Predictions;

public class PredictionsBenchTests
{
    [Fact]
    public async Task The_quick_form_runs_every_arm_of_two_experiments_reports_and_does_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "bench", "predictions", "--model", Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"), "--quick", "--tokens", "1000",
            "--experiments", "context,dreams", "--out", folder["bench"], "--workers", "2",
        ];
        (await Dylora.RunAsync(arguments)).Succeeded();
        var report = File.ReadAllText(Path.Combine(folder["bench"], "predictions-results.md"));
        foreach (var arm in (string[])["whole text", "activated adapter", "filtered, without the graph", "oracle"])
        {
            Assert.Contains($"| {arm} |", report, StringComparison.Ordinal);
        }

        Assert.Contains("**Outcome:", report, StringComparison.Ordinal);
        File.Delete(Directory.EnumerateFiles(Path.Combine(folder["bench"], "dreams"), "oracle*").Single());
        var again = (await Dylora.RunAsync(arguments)).Succeeded();
        Assert.Contains("1 runs, 10 there already", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_experiment_that_does_not_exist_is_named_with_those_that_do()
    {
        using var folder = new TemporaryFolder();
        var outcome = await Dylora.RunAsync("bench", "predictions", "--quick", "--experiments", "sleep", "--out", folder["bench"]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("'sleep'", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("rates, generalization, context, dreams, scales", outcome.Errors, StringComparison.Ordinal);
    }
}
