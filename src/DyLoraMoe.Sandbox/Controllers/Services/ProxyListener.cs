using System.Net;
using System.Net.Sockets;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>
/// Listens where a Service's port is and passes connections on, one backend each. Connections that exist stay with their
/// backend until one side closes; a backend that does not accept is skipped for the next.
/// </summary>
internal sealed class ProxyListener : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly Balancer _balancer;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public ProxyListener(IPEndPoint address, Balancer balancer, ILogger logger)
    {
        _balancer = balancer;
        _logger = logger;
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            _socket.Bind(address);
            _socket.Listen(1024);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Address = (IPEndPoint)_socket.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>Accepts no more; connections that exist go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                ProxyLog.AcceptFailed(_logger, Address, e.Message);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            client.NoDelay = true;
            using var backend = await ConnectAsync();
            if (backend is null)
            {
                // As a Service without endpoints refuses: the client sees a reset.
                client.LingerState = new LingerOption(true, 0);
                return;
            }

            await Task.WhenAll(PumpAsync(client, backend), PumpAsync(backend, client));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            ProxyLog.Broken(_logger, Address, e.Message);
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        // The backends may change while one is tried: a second round sees the newer ones.
        for (var round = 0; round < 2; round++)
        {
            foreach (var address in _balancer.Order())
            {
                var backend = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                using var limit = new CancellationTokenSource(ConnectLimit);
                try
                {
                    await backend.ConnectAsync(address, limit.Token);
                    return backend;
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    backend.Dispose();
                }
            }
        }

        return null;
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None)) > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // One side broke off: so does the other, at once.
            from.Dispose();
            to.LingerState = new LingerOption(true, 0);
            to.Dispose();
        }
        catch (ObjectDisposedException)
        {
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

internal static partial class ProxyLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Accepting on {Address} failed: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, IPEndPoint address, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A connection through {Address} broke: {Reason}")]
    public static partial void Broken(ILogger logger, IPEndPoint address, string reason);
}
