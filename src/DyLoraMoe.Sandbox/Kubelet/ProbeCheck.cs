using System.Globalization;
using System.Net.Sockets;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Asks a container once whether it is well.</summary>
internal sealed class ProbeCheck(HttpClient http)
{
    public async Task<(bool Success, string Message)> CheckAsync(
        V1Probe probe, V1Container container, LaunchPlan plan, string podIp, CancellationToken cancellation)
    {
        var limit = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        if (probe.Exec is { } exec)
        {
            return await ContainerProcess.RunAsync(plan, exec.Command, limit, cancellation) is { } result
                ? (result.Code == 0, result.Output.Trim())
                : (false, $"command timed out after {limit.TotalSeconds}s");
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(limit);
        try
        {
            if (probe.HttpGet is { } get)
            {
                return await GetAsync(get, container, podIp, bound.Token);
            }

            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var (host, port) = probe.TcpSocket is { } tcp ? (tcp.Host, Port(tcp.Port, container)) : (null, probe.Grpc?.Port ?? 0);
            await socket.ConnectAsync(string.IsNullOrEmpty(host) ? podIp : host, port, bound.Token);
            return (true, "");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException or FormatException)
        {
            cancellation.ThrowIfCancellationRequested();
            return (false, e is OperationCanceledException ? "timed out" : e.Message);
        }
    }

    /// <summary>A GET to the pod, as probes and hooks send it; any answer from 200 to 399 is a success.</summary>
    public async Task<(bool Success, string Message)> GetAsync(V1HTTPGetAction get, V1Container container, string podIp, CancellationToken cancellation)
    {
        var host = string.IsNullOrEmpty(get.Host) ? podIp : get.Host;
        var path = string.IsNullOrEmpty(get.Path) ? "/" : get.Path.StartsWith('/') ? get.Path : "/" + get.Path;
        var scheme = get.Scheme?.ToLowerInvariant() ?? "http";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{scheme}://{host}:{Port(get.Port, container)}{path}"));
        request.Headers.UserAgent.ParseAdd("kube-probe/sandbox");
        foreach (var header in get.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var code = (int)response.StatusCode;
        return (code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
    }

    private static int Port(IntOrString port, V1Container container) =>
        int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number) ? number
        : container.Ports?.FirstOrDefault(named => named.Name == port.Value)?.ContainerPort
            ?? throw new FormatException($"the container has no port named {port.Value}");
}
