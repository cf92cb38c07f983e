using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Tests.Predictions;

public class PredictionsBenchTests
{
    [Fact]
    [Trait("Length", "Long")]
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
            Assert.Contains($"| {arm} | ", report, StringComparison.Ordinal);
        }

        Assert.Contains("**Outcome:", report, StringComparison.Ordinal);
        File.Delete(Directory.EnumerateFiles(Path.Combine(folder["bench"], "dreams"), "oracle*").Single());
        var again = (await Dylora.RunAsync(arguments)).Succeeded();
        Assert.Contains("1 runs, 10 there already", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task All_five_predictions_are_run_and_get_their_outcome()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "bench", "predictions", "--model", Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"), "--quick", "--tokens", "1000", "--out", folder["bench"], "--workers", "2",
        ];
        (await Dylora.RunAsync([.. arguments, "--experiments", "generalization"])).Succeeded();

        // Of every other experiment one arm is run, with all that it turns on; the many others are as those two were.
        var results = new PredictionResults(folder["bench"]);
        var done = results.Read(Experiments.Of(Experiments.Generalization)[0].Options with { Run = 1, Rate = Experiments.UsualRate })!;
        var open = new[] { "narrow 3e-3", "detached context", "filtered dreams", Experiments.NameOf(Mechanisms.All, isStressed: true) };
        var others = Experiments.All.Where(name => name != Experiments.Generalization).SelectMany(Experiments.Of).ToList();
        foreach (var arm in others.Where(arm => !open.Contains(arm.Options.Arm)))
        {
            results.Write(done with { Options = arm.Options with { Run = 1, Rate = arm.Rate ?? Experiments.UsualRate } });
        }

        var all = (await Dylora.RunAsync(arguments)).Succeeded();

        Assert.Contains($"4 runs, {others.Count - 2} there already", all.Errors, StringComparison.Ordinal);
        var report = File.ReadAllText(Path.Combine(folder["bench"], "predictions-results.md"));
        Assert.Equal(6, report.Split("**Outcome:").Length);
        Assert.All(Enumerable.Range(1, 5), prediction => Assert.Contains($"\n## {prediction}. ", report, StringComparison.Ordinal));
        Assert.All(open, arm => Assert.Contains($"| {arm} | ", report, StringComparison.Ordinal));
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
