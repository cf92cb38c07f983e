using System.Diagnostics;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Kubectl.Tests.Running;

/// <summary>Clusters that are not ready for the plugin.</summary>
public sealed class BareClusterTests
{
    [Fact]
    public async Task A_cluster_without_the_operator_and_one_that_is_gone_are_told_as_that()
    {
        using var folder = new TemporaryFolder();
        await using (var sandbox = ManagedProcess.Start(Programs.Sandbox, ["--data", folder["data"], "--kubeconfig", folder["kubeconfig"]]))
        {
            await sandbox.LineAsync(line => line.Contains(folder["kubeconfig"], StringComparison.Ordinal), TimeSpan.FromMinutes(1));

            Assert.Contains("This cluster has no resources of dylora.dev: install the operator first", await ErrorAsync(folder["kubeconfig"]), StringComparison.Ordinal);
        }

        Assert.Contains("The API server cannot be reached: Connection refused", await ErrorAsync(folder["kubeconfig"]), StringComparison.Ordinal);
    }

    private static async Task<string> ErrorAsync(string kubeconfig)
    {
        var start = new ProcessStartInfo(Programs.Plugin, ["status", "--kubeconfig", kubeconfig]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        return error;
    }
}
