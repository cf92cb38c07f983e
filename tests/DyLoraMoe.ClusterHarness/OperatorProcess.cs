using System.Globalization;

namespace DyLoraMoe.ClusterHarness;

/// <summary>The operator, run beside the cluster as <c>dylora-operator</c> with a kubeconfig.</summary>
internal static class OperatorProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <summary>Starts one, and waits until it is ready.</summary>
    /// <param name="kubeconfig">How it reaches the API server.</param>
    /// <param name="waits">Whether to wait until it says that it is ready; one that does not lead is ready as well.</param>
    /// <param name="port">Where it serves its metrics; any free one when 0.</param>
    /// <param name="environment">Options besides.</param>
    public static async Task<ManagedProcess> StartAsync(string kubeconfig, bool waits = true, int port = 0, params (string Name, string Value)[] environment)
    {
        port = port == 0 ? FreePort.Next() : port;
        var process = ManagedProcess.Start(
            Programs.Operator,
            [],
            [("KUBECONFIG", kubeconfig), ("DYLORA_RUNTIME_IMAGE", TestCluster.ImageOf(stub: false)), ("DYLORA_METRICS_PORT", port.ToString(CultureInfo.InvariantCulture)), .. environment]);
        if (waits)
        {
            try
            {
                await UntilReadyAsync(process, port);
            }
            catch
            {
                await process.KillAsync();
                await process.DisposeAsync();
                throw;
            }
        }

        return process;
    }

    private static async Task UntilReadyAsync(ManagedProcess process, int port)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var end = new CancellationTokenSource(_patience);
        while (!await IsReadyAsync(client))
        {
            if (process.HasExited || end.IsCancellationRequested)
            {
                throw new InvalidOperationException($"The operator {(process.HasExited ? "ended before it was ready" : $"was not ready within {_patience}")}:\n{process.Output}");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
