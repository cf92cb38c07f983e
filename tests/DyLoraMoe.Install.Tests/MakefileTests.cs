using System.Text.RegularExpressions;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests;

public sealed partial class MakefileTests
{
    public static TheoryData<string> Benchmarks =>
        [.. File.ReadAllLines(Path.Combine(SharedFiles.RepositoryRoot, "Makefile")).Select(line => Target().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];

    [Theory]
    [MemberData(nameof(Benchmarks))]
    public void A_benchmark_takes_every_option_that_it_is_called_with(string target)
    {
        var recipe = ChildProcess.Read("make", "--dry-run", "--no-print-directory", target);
        var program = Program().Match(recipe);
        Assert.True(program.Success, $"{target} runs neither the benchmarks nor dylora: {recipe}");

        // Of options that it does not know, a program names the first.
        var (code, _, errors) = ChildProcess.Run("bash", ["-c", $"{program.Value} --no-such-option"]);

        Assert.Equal(2, code);
        Assert.Contains("--no-such-option", errors.Split('\n')[0], StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(bench-[a-z-]+):")]
    private static partial Regex Target();

    [GeneratedRegex(@"^(artifacts/\S+/DyLoraMoe\.Benchmarks|bin/dylora bench) .*$", RegexOptions.Multiline)]
    private static partial Regex Program();
}
