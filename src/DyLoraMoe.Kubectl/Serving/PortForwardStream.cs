using System.Net.WebSockets;
using System.Text;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary>
/// A connection to one port of a pod, through the API server: a WebSocket of the protocol <c>v4.channel.k8s.io</c>, on which a message begins with its
/// channel (0 for data, 1 for errors) and the first one of each channel is the port's number.
/// </summary>
/// <param name="socket">The WebSocket; it ends with the stream.</param>
internal sealed class PortForwardStream(WebSocket socket) : Stream
{
    private const int Chunk = 32 * 1024;
    private const int PortBytes = 2;

    private readonly byte[] _buffer = new byte[Chunk + 1];
    private readonly int[] _skipped = new int[2];
    private readonly StringBuilder _error = new();
    private ReadOnlyMemory<byte> _ready;
    private int _channel = -1;
    private bool _isClosed;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty)
        {
            if (_isClosed || !await ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, _ready.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var rest = buffer; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, Chunk)..])
        {
            // In one piece: servers take every frame for a message, with a channel of its own.
            var message = new byte[Math.Min(rest.Length, Chunk) + 1];
            rest[..(message.Length - 1)].CopyTo(message.AsMemory(1));
            await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Abort();
            socket.Dispose();
        }

        base.Dispose(disposing);
    }

    // Takes one part of a message; false when there will be none any more.
    private async Task<bool> ReceiveAsync(CancellationToken cancellation)
    {
        ValueWebSocketReceiveResult part;
        try
        {
            part = await socket.ReceiveAsync(_buffer.AsMemory(), cancellation).ConfigureAwait(false);
        }
        catch (WebSocketException error)
        {
            throw new IOException($"The connection to the router's pod was lost: {error.Message}", error);
        }

        if (part.MessageType == WebSocketMessageType.Close)
        {
            _isClosed = true;
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation).ConfigureAwait(false);
            return _error.Length == 0 ? false : throw new IOException(_error.ToString());
        }

        ReadOnlyMemory<byte> data = _buffer.AsMemory(0, part.Count);
        if (_channel < 0 && !data.IsEmpty)
        {
            (_channel, data) = (data.Span[0], data[1..]);
        }

        var channel = _channel;
        _channel = part.EndOfMessage ? -1 : channel;
        if (channel is not (0 or 1))
        {
            return true;
        }

        var port = Math.Min(PortBytes - _skipped[channel], data.Length);
        _skipped[channel] += port;
        data = data[port..];
        if (channel == 0)
        {
            _ready = data;
        }
        else if (!data.IsEmpty)
        {
            _error.Append(Encoding.UTF8.GetString(data.Span));
            return part.EndOfMessage ? throw new IOException($"The router's pod cannot be reached: {_error}") : true;
        }

        return true;
    }
}
