using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DyLoraMoe.Kubectl.Tests.Cluster;

/// <summary>A server that keeps the heads of requests as they come, and forbids all of them.</summary>
internal sealed class HeadRecorder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    public HeadRecorder()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The lines of each head.</summary>
    public ConcurrentQueue<string[]> Heads { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
                var head = new List<string>();
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } line)
                {
                    head.Add(line);
                }

                Heads.Enqueue([.. head]);
                await client.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
