using System.Globalization;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>One JSON object per line; blank lines are nothing. A bad line leaves the others readable.</summary>
internal static class JsonLinesReader
{
    public static IEnumerable<RowOrError> Read(Stream stream, string file, int maxRowBytes)
    {
        var buffer = new byte[1 << 16];
        var (start, end, line, skipping) = (0, 0, 1L, false);
        for (var isEnd = false; !isEnd;)
        {
            if (end == buffer.Length)
            {
                (start, end) = (0, Compact(ref buffer, start, end));
            }

            var read = stream.Read(buffer, end, buffer.Length - end);
            isEnd = read == 0;
            var scanned = end;
            end += read;

            for (int at; (at = NextBreak(buffer, scanned, end, isEnd, start)) >= 0; line++)
            {
                if (!skipping && !IsBlank(buffer.AsSpan(start, at - start)))
                {
                    yield return at - start > maxRowBytes
                        ? TooLong(file, line, maxRowBytes)
                        : JsonRowParser.Parse(buffer.AsSpan(start, at - start), file, line);
                }

                (start, scanned, skipping) = (Math.Min(at + 1, end), Math.Min(at + 1, end), false);
            }

            if (end - start > maxRowBytes)
            {
                if (!skipping)
                {
                    yield return TooLong(file, line, maxRowBytes);
                }

                (start, end, skipping) = (0, 0, true);
            }
        }
    }

    // The end of the file ends a last line that has no line feed.
    private static int NextBreak(byte[] buffer, int scanned, int end, bool isEnd, int start)
    {
        var at = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
        return at >= 0 ? scanned + at : isEnd && start < end ? end : -1;
    }

    private static int Compact(ref byte[] buffer, int start, int end)
    {
        var target = start == 0 ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        buffer = target;
        return end - start;
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;

    private static DatasetException TooLong(string file, long line, int maxRowBytes) => new(
        file, line, string.Create(CultureInfo.InvariantCulture, $"a line of at most {maxRowBytes:N0} bytes"), "a longer one; is this a file of another format?");
}
