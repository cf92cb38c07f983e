using System.Globalization;
using System.Text;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Writes a container's output to a file, a line each with its time and stream: <c>2026-01-02T03:04:05.1234567Z stdout text</c>.</summary>
internal sealed class LogWriter(string path, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _file = new(
        new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite), new UTF8Encoding(false))
    { AutoFlush = true };

    private bool _closed;

    public async Task CopyAsync(string stream, StreamReader output)
    {
        try
        {
            while (await output.ReadLineAsync() is { } line)
            {
                Write(stream, line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process is gone, and its pipe with it.
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _closed = true;
                _file.Dispose();
            }
        }
    }

    private void Write(string stream, string line)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _file.Write(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcDateTime:O} {stream} {line}\n"));
            }
        }
    }
}
