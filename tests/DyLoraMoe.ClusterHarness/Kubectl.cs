using System.Diagnostics;

namespace DyLoraMoe.ClusterHarness;

/// <summary>The real <c>kubectl</c>, as a person uses it.</summary>
internal sealed class Kubectl(string kubeconfig)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it and returns what it printed.</summary>
    /// <exception cref="KubectlException">It failed.</exception>
    public Task<string> RunAsync(params string[] args) => ExecuteAsync(null, args);

    /// <summary>Applies a manifest.</summary>
    public Task<string> ApplyAsync(string manifest) => ExecuteAsync(manifest, ["apply", "-f", "-"]);

    private async Task<string> ExecuteAsync(string? input, string[] args)
    {
        var start = new ProcessStartInfo("kubectl", args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(_patience);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? await output : throw new KubectlException($"kubectl {string.Join(' ', args)}: {await errors}{await output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new KubectlException($"kubectl {string.Join(' ', args)} did not end within {_patience}.");
        }
    }
}

/// <summary>What kubectl said was wrong.</summary>
internal sealed class KubectlException(string message) : Exception(message);
