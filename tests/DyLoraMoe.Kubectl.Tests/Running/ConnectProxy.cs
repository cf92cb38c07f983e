using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DyLoraMoe.Kubectl.Tests.Running;

/// <summary>An HTTP proxy that opens tunnels, all of them to one server, whatever the name that is asked for.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    public ConnectProxy(Uri server)
    {
        _listener.Start();
        _serving = ServeAsync(server);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What tunnels were asked for.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync(Uri server)
    {
        var tunnels = new List<Task>();
        try
        {
            while (true)
            {
                tunnels.Add(TunnelAsync(await _listener.AcceptTcpClientAsync(_end.Token), server));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task TunnelAsync(TcpClient client, Uri server)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            Asked.Enqueue((await HeadAsync(near.GetStream())).Split("\r\n")[0]);
            await far.ConnectAsync(server.Host, server.Port, _end.Token);
            await near.GetStream().WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _end.Token);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), _end.Token), far.GetStream().CopyToAsync(near.GetStream(), _end.Token));
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
        }
    }

    private async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(next, _end.Token) == 1)
        {
            head.Append((char)next[0]);
        }

        return head.ToString();
    }
}
