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
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            using var end = new CancellationTokenSource(_patience);
            while (!await IsReadyAsync(client, end.Token))
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"The operator ended before it was ready:\n{process.Output}");
                }

                await Task.Delay(50, end.Token);
            }
        }

        return process;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellation)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
