using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using k8s;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>Ports of pods through the API server, with the client library that the plugin uses. A listener of the test stands for the pod.</summary>
public sealed class PortForwardTests : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    private readonly ServedApi _api = new();
    private readonly TcpListener _pod = new(IPAddress.Loopback, 0);

    private int Port => ((IPEndPoint)_pod.LocalEndpoint).Port;

    public async ValueTask InitializeAsync()
    {
        _pod.Start();
        await _api.InitializeAsync();
        await MakePodAsync("web", "Running");
    }

    public async ValueTask DisposeAsync()
    {
        _pod.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task What_is_sent_arrives_in_both_directions()
    {
        var pod = EchoAsync();
        using var client = _api.Kubernetes();
        using var socket = await client.WebSocketNamespacedPodPortForwardAsync("web", "default", [Port], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: TestContext.Current.CancellationToken);
        await MessageAsync(socket);
        await MessageAsync(socket);
        byte[] sent = [.. Enumerable.Range(0, 100_000).Select(index => (byte)index)];

        var answer = ReadAsync(socket, sent.Length);
        foreach (var part in sent.Chunk(30_000))
        {
            await socket.SendAsync((byte[])[0, .. part], WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        }

        Assert.Equal(sent, await answer);
        socket.Abort();
        await pod.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Each_port_has_channels_of_its_own_that_begin_with_its_number()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int second = ((IPEndPoint)other.LocalEndpoint).Port;
        using var client = _api.Kubernetes();
        using var socket = await client.WebSocketNamespacedPodPortForwardAsync("web", "default", [Port, second], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: TestContext.Current.CancellationToken);

        List<byte[]> first = [];
        while (first.Count < 4)
        {
            first.Add(await MessageAsync(socket));
        }

        Assert.Equal(
            [[0, .. Bytes(Port)], [1, .. Bytes(Port)], [2, .. Bytes(second)], [3, .. Bytes(second)]],
            first);
        using var peer = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await peer.GetStream().WriteAsync(new byte[] { 42 }, TestContext.Current.CancellationToken);
        Assert.Equal([2, 42], await MessageAsync(socket));
        await socket.SendAsync(new byte[] { 2, 7 }, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        Assert.Equal(7, peer.GetStream().ReadByte());
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_on_its_channel_of_errors()
    {
        _pod.Stop();
        int port = FreePort();
        using var client = _api.Kubernetes();
        using var socket = await client.WebSocketNamespacedPodPortForwardAsync("web", "default", [port], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: TestContext.Current.CancellationToken);
        await MessageAsync(socket);
        await MessageAsync(socket);

        byte[] error = await MessageAsync(socket);

        Assert.Equal(1, error[0]);
        Assert.Contains($"error forwarding port {port}", Encoding.UTF8.GetString(error[1..]), StringComparison.Ordinal);
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken)).MessageType);
    }

    [Fact]
    public async Task A_connection_that_the_pod_ends_ends_the_socket()
    {
        using var client = _api.Kubernetes();
        using var socket = await client.WebSocketNamespacedPodPortForwardAsync("web", "default", [Port], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: TestContext.Current.CancellationToken);
        (await _pod.AcceptTcpClientAsync(TestContext.Current.CancellationToken)).Dispose();
        await MessageAsync(socket);
        await MessageAsync(socket);

        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken)).MessageType);
    }

    [Fact]
    public async Task A_request_that_is_no_upgrade_or_names_no_port_or_no_running_pod_is_told_so()
    {
        await MakePodAsync("waits", "Pending");

        Assert.Contains("Upgrade request required", await RefusedAsync($"{Pods}/web/portforward?ports=80", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        await RefusedAsync($"{Pods}/none/portforward?ports=80", HttpStatusCode.NotFound);
        Assert.Contains("'400'", await NotConnectedAsync("waits", 80), StringComparison.Ordinal);
        Assert.Contains("'400'", await NotConnectedAsync("web", 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_verbs_are_needed()
    {
        Assert.Contains("'403'", await NotConnectedAsync("web", Port, await _api.TokenAsync("reader", """["get"]""")), StringComparison.Ordinal);
        Assert.Contains("'403'", await NotConnectedAsync("web", Port, await _api.TokenAsync("writer", """["create"]""")), StringComparison.Ordinal);

        string both = await _api.TokenAsync("both", """["get", "create"]""");
        using var client = _api.Kubernetes(both);
        using var socket = await client.WebSocketNamespacedPodPortForwardAsync("web", "default", [Port], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketState.Open, socket.State);
    }

    private static byte[] Bytes(int port) => [(byte)port, (byte)(port >> 8)];

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<byte[]> MessageAsync(WebSocket socket)
    {
        byte[] buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.True(received.EndOfMessage);
        return buffer[..received.Count];
    }

    private static async Task<byte[]> ReadAsync(WebSocket socket, int count)
    {
        List<byte> data = [];
        byte[] buffer = new byte[64 * 1024];
        bool begins = true;
        while (data.Count < count)
        {
            var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            data.AddRange(buffer[(begins ? 1 : 0)..received.Count]);
            begins = received.EndOfMessage;
        }

        return [.. data];
    }

    private async Task MakePodAsync(string name, string phase)
    {
        await _api.OkAsync("POST", Pods, $$"""{"metadata":{"name":"{{name}}"},"spec":{"nodeName":"sandbox","containers":[{"name":"main","image":"test:1"}] } }""");
        await _api.OkAsync("PATCH", $"{Pods}/{name}/status", $$"""{"status":{"phase":"{{phase}}","podIP":"127.0.0.1"} }""", "application/merge-patch+json");
    }

    private async Task EchoAsync()
    {
        using var peer = await _pod.AcceptTcpClientAsync();
        var stream = peer.GetStream();
        try
        {
            await stream.CopyToAsync(stream);
        }
        catch (IOException)
        {
            // Ended without a word.
        }
    }

    private async Task<string> RefusedAsync(string path, HttpStatusCode code)
    {
        var (found, body) = await _api.SendAsync("GET", path);
        Assert.Equal(code, found);
        return (string)body["message"]!;
    }

    private async Task<string> NotConnectedAsync(string pod, int port, string? token = null)
    {
        using var client = _api.Kubernetes(token);
        var error = await Assert.ThrowsAsync<WebSocketException>(() => client.WebSocketNamespacedPodPortForwardAsync(pod, "default", [port], WebSocketProtocol.V4BinaryWebsocketProtocol));
        return error.Message;
    }
}
