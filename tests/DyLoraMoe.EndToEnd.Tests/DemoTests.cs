using System.Diagnostics;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>What <c>make demo</c> runs, shortened to one skill and its paraphrase, with the real programs.</summary>
public sealed class DemoTests : IDisposable
{
    // Two minutes on two idle cores; on a busy machine this waits longer before it gives up.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(12);

    private readonly TemporaryFolder _folder = new();

    private string[] Arguments => ["up", "--short", "--root", SharedFiles.RepositoryRoot, "--folder", _folder.FullPath];

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_skill_is_learnt_and_its_paraphrase_makes_no_expert_and_nothing_is_left_running()
    {
        await using var demo = ManagedProcess.Start(Programs.Demo, Arguments);

        await demo.ExitedAsync().WaitAsync(_patience);

        Assert.True(await demo.StopAsync() == 0, demo.Output);
        Assert.Matches(@"(?m)^clock +Novel +clock +\d+ +\w+ +\d+%", demo.Output);
        Assert.Matches(@"(?m)^spoken +(Extends|Covered) +clock ", demo.Output);
        Assert.Matches(@"(?m)^  bin/kubectl-dylora chat --kubeconfig .+ --raw -m 'Clock: .+' --stop '\\n' --temperature 0\n   \d+:\d\d [ap]m\n  \[clock \d+ %\]$", demo.Output);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task One_that_is_interrupted_leaves_nothing_running()
    {
        await using var demo = ManagedProcess.Start(Programs.Demo, Arguments);
        await demo.LineAsync(line => line.StartsWith("Backbone tiny", StringComparison.Ordinal), _patience);
        Assert.NotEmpty(Left());

        var code = await demo.StopAsync();

        Assert.Equal(130, code);
        Assert.Empty(Left());
    }

    // Everything that was started has the folder in its arguments or in its environment.
    private List<int> Left() =>
        [.. Process.GetProcesses().Select(process => process.Id).Where(id => id != Environment.ProcessId && (Mentions($"/proc/{id}/cmdline") || Mentions($"/proc/{id}/environ")) && !Mentions($"/proc/{id}/cmdline", Programs.Demo))];

    private bool Mentions(string file, string? text = null)
    {
        try
        {
            return File.ReadAllText(file).Contains(text ?? _folder.FullPath, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
