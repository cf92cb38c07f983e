using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>
/// The subresource <c>portforward</c> of pods over a WebSocket, as a kubelet speaks it: the n-th port has the channels 2n for data and 2n+1 for errors, a
/// message begins with its channel, and the first one of each channel is the port, 16 bits with the low ones first. Messages must come whole: the part
/// after the first has no channel.
/// </summary>
internal sealed class PortForwarder(Cluster cluster)
{
    /// <summary>The protocol of the messages.</summary>
    public const string Protocol = "v4.channel.k8s.io";

    private const int MostPorts = 100;

    /// <summary>Forwards until the client or the last of the connections to the pod is gone.</summary>
    public async Task ForwardAsync(ApiRequest request)
    {
        StoredObject pod = cluster.Store.View.Find(Cluster.Key(request.Kind, request.Namespace, request.Name)) ?? throw ApiException.NotFound(request.Kind, request.Name);
        HttpContext http = request.Http;
        if (!http.WebSockets.IsWebSocketRequest)
        {
            throw ApiException.BadRequest("Upgrade request required: ports are forwarded over a WebSocket only");
        }

        if (http.WebSockets.WebSocketRequestedProtocols is { Count: > 0 } offered && !offered.Contains(Protocol))
        {
            throw ApiException.BadRequest($"expected the protocol {Protocol}, found {string.Join(", ", offered)}");
        }

        List<ushort> ports = Ports(request);
        string address = Address(pod.Shared, request.Name);
        using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync(http.WebSockets.WebSocketRequestedProtocols.Count > 0 ? Protocol : null).ConfigureAwait(false);
        using Channels channels = new(socket, request.Cancellation);
        await channels.RunAsync(address, ports).ConfigureAwait(false);
    }

    private static List<ushort> Ports(ApiRequest request)
    {
        List<ushort> ports = [];
        foreach (string text in request.Http.Request.Query["ports"].OfType<string>().SelectMany(value => value.Split(',')))
        {
            ports.Add(ushort.TryParse(text, CultureInfo.InvariantCulture, out ushort port) && port > 0 ? port : throw ApiException.BadRequest($"expected ports from 1 to 65535, found \"{text}\""));
        }

        return ports.Count is > 0 and <= MostPorts ? ports : throw ApiException.BadRequest($"query parameter \"ports\" is required, with at most {MostPorts} ports");
    }

    private static string Address(JsonObject pod, string name)
    {
        if (pod.Text("spec", "nodeName") is not { Length: > 0 })
        {
            throw ApiException.BadRequest($"pod {name} does not have a host assigned");
        }

        return pod.Text("status", "phase") == "Running" && pod.Text("status", "podIP") is { Length: > 0 } address
            ? address
            : throw ApiException.BadRequest($"unable to forward port because pod is not running. Current status={pod.Text("status", "phase") ?? "Unknown"}");
    }

    /// <summary>The channels of a WebSocket, and the connections that they stand for.</summary>
    private sealed class Channels(WebSocket socket, CancellationToken cancellation) : IDisposable
    {
        private const int Chunk = 32 * 1024;

        private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

        private readonly SemaphoreSlim _sending = new(1);
        private readonly CancellationTokenSource _life = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        public async Task RunAsync(string address, List<ushort> ports)
        {
            TcpClient[] connections = [.. ports.Select(_ => new TcpClient())];
            Task[] arriving = [];
            try
            {
                for (int index = 0; index < ports.Count; index++)
                {
                    byte[] port = [(byte)(ports[index] & 0xff), (byte)(ports[index] >> 8)];
                    await SendAsync(2 * index, port).ConfigureAwait(false);
                    await SendAsync((2 * index) + 1, port).ConfigureAwait(false);
                }

                Task<bool>[] connected = [.. ports.Select((port, index) => ConnectAsync(connections[index], address, port, index))];
                Task sending = TakeAsync(connections, connected);
                arriving = [.. ports.Select((_, index) => BringAsync(connections[index], connected[index], index))];
                await Task.WhenAny(sending, Task.WhenAll(arriving)).ConfigureAwait(false);
                if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation).ConfigureAwait(false);

                    // Until the client has said goodbye too: what is cut off before may take the last data with it.
                    await sending.WaitAsync(Farewell, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException)
            {
                // The client is gone.
            }
            finally
            {
                await _life.CancelAsync().ConfigureAwait(false);
                foreach (TcpClient connection in connections)
                {
                    connection.Dispose();
                }

                // Nothing of them may use what is disposed of next.
                await Task.WhenAll(arriving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        public void Dispose()
        {
            _life.Dispose();
            _sending.Dispose();
        }

        private async Task<bool> ConnectAsync(TcpClient connection, string address, ushort port, int index)
        {
            try
            {
                connection.NoDelay = true;
                await connection.ConnectAsync(address, port, _life.Token).ConfigureAwait(false);
                return true;
            }
            catch (SocketException error)
            {
                await SendAsync((2 * index) + 1, System.Text.Encoding.UTF8.GetBytes($"error forwarding port {port} to pod: {error.Message}")).ConfigureAwait(false);
                return false;
            }
        }

        // From the pod to the client.
        private async Task BringAsync(TcpClient connection, Task<bool> connected, int index)
        {
            if (!await connected.ConfigureAwait(false))
            {
                return;
            }

            byte[] buffer = new byte[Chunk];
            try
            {
                NetworkStream stream = connection.GetStream();
                int read;
                while ((read = await stream.ReadAsync(buffer, _life.Token).ConfigureAwait(false)) > 0)
                {
                    await SendAsync(2 * index, buffer.AsMemory(0, read)).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The pod, or the client, has ended the connection.
            }
        }

        // From the client to the pods.
        private async Task TakeAsync(TcpClient[] connections, Task<bool>[] connected)
        {
            byte[] buffer = new byte[Chunk];
            int channel = -1;
            while (true)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(), _life.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                ReadOnlyMemory<byte> data = buffer.AsMemory(0, part.Count);
                if (channel < 0 && data.Length > 0)
                {
                    (channel, data) = (data.Span[0], data[1..]);
                }

                // What comes on a channel of errors says nothing, and what is for a connection that is gone reaches nobody.
                if (channel >= 0 && channel % 2 == 0 && channel / 2 < connections.Length && data.Length > 0 && await connected[channel / 2].ConfigureAwait(false))
                {
                    await WriteAsync(connections[channel / 2], data).ConfigureAwait(false);
                }

                channel = part.EndOfMessage ? -1 : channel;
            }
        }

        private async Task WriteAsync(TcpClient connection, ReadOnlyMemory<byte> data)
        {
            try
            {
                await connection.GetStream().WriteAsync(data, _life.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The pod has ended it; its other direction tells the client.
            }
        }

        private async Task SendAsync(int channel, ReadOnlyMemory<byte> data)
        {
            byte[] message = new byte[data.Length + 1];
            message[0] = (byte)channel;
            data.CopyTo(message.AsMemory(1));
            await _sending.WaitAsync(_life.Token).ConfigureAwait(false);
            try
            {
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, _life.Token).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }
        }
    }
}
