using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Continual;

public class BenchCommandTests
{
    private static string[] Tiny(string output) =>
    [
        "bench", "continual", "--model", Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"), "--stream", "synthetic", "--quick", "--tokens", "1000",
        "--skills", "caesar,clock", "--arms", "full,replay-25,o-lora,sema,random,oracle,oracle-activated,joint", "--out", output, "--workers", "2",
    ];

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_benchmark_runs_its_arms_writes_its_report_and_does_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        var output = folder["bench"];
        (await Dylora.RunAsync(Tiny(output))).Succeeded();
        var report = File.ReadAllText(Path.Combine(output, "continual.md"));
        Assert.Contains("| sequential full fine-tuning |", report, StringComparison.Ordinal);
        Assert.Contains("### Novelty", report, StringComparison.Ordinal);
        Assert.Contains("### Activated against Full", report, StringComparison.Ordinal);
        Assert.False(Directory.EnumerateFiles(output, "*.tmp", SearchOption.AllDirectories).Any());
        Assert.True(File.Exists(Path.Combine(output, "continual", "synthetic-accuracy.svg")));

        var records = Records(output);
        File.Delete(Path.Combine(output, "synthetic", "run-1", "replay-25", "run.json"));
        var again = (await Dylora.RunAsync(Tiny(output))).Succeeded();
        Assert.Contains("1 runs of arms to do", again.Errors, StringComparison.Ordinal);
        Assert.Equal(records.Keys, Records(output).Keys);
        Assert.Equal(Without("replay-25", records), Without("replay-25", Records(output)));

        // Elsewhere, with the report alone.
        var elsewhere = (await Dylora.RunAsync([.. Tiny(folder["elsewhere"]), "--from", output])).Succeeded();
        Assert.DoesNotContain("to do", elsewhere.Errors, StringComparison.Ordinal);
        Assert.Equal(Tables(output), Tables(folder["elsewhere"]));
        var other = await Dylora.RunAsync([.. Tiny(folder["other"]), "--from", output, "--seed", "2"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("another plan", other.Errors, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Tables(string report) => File.ReadLines(Path.Combine(report, "continual.md")).Where(line => line.StartsWith('|'));

    [Fact]
    public async Task Real_data_that_are_not_there_are_an_error_that_says_where_they_should_be()
    {
        using var folder = new TemporaryFolder();
        var outcome = await Dylora.RunAsync(
            "bench", "continual", "--model", Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"), "--stream", "real", "--quick", "--data", folder["nowhere"], "--out", folder["bench"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("nowhere", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("gsm8k.jsonl", outcome.Errors, StringComparison.Ordinal);
    }

    private static SortedDictionary<string, string> Records(string output) => new(Directory
        .EnumerateFiles(output, "*.json", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(output, path), File.ReadAllText), StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, string>> Without(string arm, SortedDictionary<string, string> records) =>
        records.Where(record => record.Key.StartsWith("synthetic", StringComparison.Ordinal) && !record.Key.Contains($"{Path.DirectorySeparatorChar}{arm}{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
