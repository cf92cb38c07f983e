using System.Buffers;
using System.Text;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// Passes a file through, without its byte order mark, and ends with an error that names line and bytes where it is not UTF-8,
/// instead of the replacement characters that a decoder would leave behind. Does not own the stream below.
/// </summary>
internal sealed class TextSource(Stream inner, string file) : Stream
{
    private const int HeadSize = 4096;

    private readonly byte[] _pending = new byte[3];
    private int _pendingCount;
    private byte[]? _head;
    private int _served;
    private long _line = 1;

    /// <summary>Whether the bytes are checked. Off for a reader that checks row by row and can go on after a bad one.</summary>
    public bool Checks { get; set; } = true;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var head = Head().AsSpan(_served);
        var read = Math.Min(head.Length, buffer.Length);
        head[..read].CopyTo(buffer);
        _served += read;
        if (head.IsEmpty)
        {
            read = inner.Read(buffer);
        }

        if (Checks)
        {
            Check(buffer[..read], isEnd: read == 0 && buffer.Length > 0);
        }

        return read;
    }

    /// <summary>The first byte that is not white space, or 0 when there is none near the beginning. Consumes nothing.</summary>
    public byte FirstByte()
    {
        var head = Head();
        var at = head.AsSpan().IndexOfAnyExcept(" \t\r\n"u8);
        return at < 0 ? (byte)0 : head[at];
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private byte[] Head()
    {
        if (_head is not null)
        {
            return _head;
        }

        var head = new byte[HeadSize];
        var start = head.AsSpan(0, inner.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        if (start.StartsWith<byte>([0xFF, 0xFE]) || start.StartsWith<byte>([0xFE, 0xFF]))
        {
            throw new DatasetException(file, 1, "UTF-8 text", "the byte order mark of UTF-16; convert the file to UTF-8");
        }

        return _head = (start.StartsWith(Encoding.UTF8.Preamble) ? start[Encoding.UTF8.Preamble.Length..] : start).ToArray();
    }

    private void Check(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        bytes = FinishPending(bytes, isEnd);
        while (!bytes.IsEmpty)
        {
            // Whole runs are valid in all but damaged files, so the slow walk by characters starts only behind a failure.
            var tail = bytes.Length - IncompleteTail(bytes);
            if (System.Text.Unicode.Utf8.IsValid(bytes[..tail]))
            {
                _line += bytes[..tail].Count((byte)'\n');
                Keep(bytes[tail..]);
                return;
            }

            while (Rune.DecodeFromUtf8(bytes, out _, out var length) == OperationStatus.Done)
            {
                _line += bytes[0] == '\n' ? 1 : 0;
                bytes = bytes[length..];
            }

            Fail(bytes);
        }
    }

    private ReadOnlySpan<byte> FinishPending(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        while (_pendingCount > 0)
        {
            Span<byte> joined = [.. _pending.AsSpan(0, _pendingCount), .. bytes[..Math.Min(bytes.Length, 4 - _pendingCount)]];
            var status = Rune.DecodeFromUtf8(joined, out _, out var length);
            if (status == OperationStatus.Done)
            {
                bytes = bytes[(length - _pendingCount)..];
                _pendingCount = 0;
            }
            else if (status == OperationStatus.NeedMoreData && !isEnd)
            {
                Keep(joined);
                return [];
            }
            else
            {
                Fail(joined);
            }
        }

        return bytes;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        rest.CopyTo(_pending);
        _pendingCount = rest.Length;
    }

    private void Fail(ReadOnlySpan<byte> bytes) =>
        throw new DatasetException(
            file, _line, "UTF-8 text", $"the bytes {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 4)])}; convert the file to UTF-8");

    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (var length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            var lead = bytes[^length];
            if ((lead & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
            }
        }

        return 0;
    }
}
