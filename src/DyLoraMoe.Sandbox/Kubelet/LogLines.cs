using System.Globalization;
using System.Text;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Reads what <see cref="LogWriter"/> wrote, as a client asks for it.</summary>
internal static class LogLines
{
    /// <summary>Where to start in a log so that only the last lines follow.</summary>
    public static long Tail(FileStream file, long? lines)
    {
        if (lines is not { } wanted)
        {
            return 0;
        }

        var buffer = new byte[8192];
        var end = file.Length;
        var found = 0L;
        for (var at = end; at > 0;)
        {
            var size = (int)Math.Min(buffer.Length, at);
            at -= size;
            file.Position = at;
            file.ReadExactly(buffer, 0, size);
            for (var index = size - 1; index >= 0; index--)
            {
                // The newline at the very end closes the last line.
                if (buffer[index] == '\n' && at + index + 1 < end && ++found == wanted)
                {
                    return at + index + 1;
                }
            }
        }

        return wanted == 0 ? end : 0;
    }

    /// <summary>A line as the client sees it; null when it is too old.</summary>
    public static string? Show(string line, PodLogRequest request)
    {
        var first = line.IndexOf(' ', StringComparison.Ordinal);
        var second = first < 0 ? -1 : line.IndexOf(' ', first + 1);
        if (second < 0)
        {
            return line;
        }

        if (request.Since is { } since
            && DateTimeOffset.TryParse(line.AsSpan(0, first), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at < since)
        {
            return null;
        }

        return request.Timestamps ? $"{line[..first]} {line[(second + 1)..]}" : line[(second + 1)..];
    }

    /// <summary>The end of a log as a termination message: at most 80 lines and 2048 bytes.</summary>
    public static string End(string path)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Tail(file, 80);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = new StringBuilder();
        while (reader.ReadLine() is { } line)
        {
            text.Append(Show(line, new PodLogRequest("", "", "", ""))).Append('\n');
        }

        return TerminationMessages.Cut(text.ToString(), 2048, fromEnd: true);
    }
}
