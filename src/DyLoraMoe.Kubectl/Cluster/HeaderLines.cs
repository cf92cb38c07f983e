using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>
/// Headers that stand in a request once for each of their values. .NET joins values with commas, and the API server takes that for one group of a strange name; so a header with several
/// is sent with a word that nobody can guess, and below HTTP/1.1 its one line becomes as many as there are values. Where that failed, the server would know of no group by that word.
/// </summary>
internal sealed class HeaderLines
{
    private readonly List<(byte[] Line, byte[] Lines)> _replaced = [];

    public HeaderLines(IEnumerable<RequestHeader> headers) => Sent = [.. headers.Select(header =>
    {
        if (header.Values is [var only])
        {
            return (header.Name, only);
        }

        var word = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _replaced.Add((Encoding.UTF8.GetBytes($"{header.Name}: {word}\r\n"), Encoding.UTF8.GetBytes(string.Concat(header.Values.Select(value => $"{header.Name}: {value}\r\n")))));
        return (header.Name, word);
    })];

    /// <summary>The headers as .NET sends them.</summary>
    public IReadOnlyList<(string Name, string Value)> Sent { get; }

    /// <summary>Prepares the handler at the end of a pipeline.</summary>
    public void Prepare(SocketsHttpHandler handler)
    {
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8;
        if (_replaced.Count > 0)
        {
            handler.PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(new Rewriting(context.PlaintextStream, this));
        }
    }

    private byte[]? Replaced(ReadOnlySpan<byte> data)
    {
        byte[]? result = null;
        foreach (var (line, lines) in _replaced)
        {
            var now = result is null ? data : result;
            if (now.IndexOf(line) is var at and >= 0)
            {
                result = [.. now[..at], .. lines, .. now[(at + line.Length)..]];
            }
        }

        return result;
    }

    /// <summary>What a connection sends; the head of a request is written in one piece.</summary>
    private sealed class Rewriting(Stream inner, HeaderLines headers) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(headers.Replaced(buffer.Span) ?? buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(headers.Replaced(buffer) is { } replaced ? replaced : buffer);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
