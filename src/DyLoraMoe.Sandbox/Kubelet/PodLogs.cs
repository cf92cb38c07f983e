using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Serves the logs of the containers that run, or ran, in the pods' folders.</summary>
internal sealed class PodLogs(string folder, TimeProvider time) : IPodLogs
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public Task<Stream> OpenAsync(PodLogRequest request, CancellationToken cancellation)
    {
        var pod = new PodFolder(folder, request.Uid);
        var run = Runs(pod.Container(request.Container)).Skip(request.Previous ? 1 : 0).FirstOrDefault(-1);
        if (run < 0)
        {
            throw new PodLogException(request.Previous
                ? $"previous terminated container \"{request.Container}\" in pod \"{request.Pod}\" not found"
                : $"container \"{request.Container}\" in pod \"{request.Pod}\" is waiting to start: ContainerCreating");
        }

        var pipe = new Pipe();
        _ = SendAsync(pipe.Writer, pod, request, run, cancellation);
        return Task.FromResult(pipe.Reader.AsStream());
    }

    /// <summary>The runs that left a log, the last first.</summary>
    private static IEnumerable<int> Runs(string container) => !Directory.Exists(container) ? [] :
        Directory.EnumerateFiles(container, "*.log")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path), out var run) ? run : -1)
            .Where(run => run >= 0).OrderDescending();

    private async Task SendAsync(PipeWriter writer, PodFolder pod, PodLogRequest request, int run, CancellationToken cancellation)
    {
        try
        {
            await using var file = new FileStream(
                pod.Log(request.Container, run), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Position = LogLines.Tail(file, request.TailLines);
            var left = request.LimitBytes ?? long.MaxValue;
            var pending = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (left > 0)
            {
                // Looked at before the read, so that what was written up to the end is still read.
                var ended = !request.Follow || HasEnded(pod, request.Container, run);
                int read;
                while (left > 0 && (read = await file.ReadAsync(buffer, cancellation)) > 0)
                {
                    left -= Send(writer, request, pending, buffer.AsSpan(0, read), left);
                    if ((await writer.FlushAsync(cancellation)).IsCompleted)
                    {
                        return;
                    }
                }

                if (ended)
                {
                    break;
                }

                await Task.Delay(Look, time, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The pod, or who asked, is gone.
        }
        finally
        {
            await writer.CompleteAsync();
        }
    }

    private static bool HasEnded(PodFolder pod, string container, int run) =>
        !Directory.Exists(pod.Root) || File.Exists(pod.ExitCode(container, run)) || File.Exists(pod.Log(container, run + 1));

    /// <summary>Sends the whole lines that are there now; the answer is how many bytes.</summary>
    private static long Send(PipeWriter writer, PodLogRequest request, MemoryStream pending, ReadOnlySpan<byte> fresh, long limit)
    {
        long sent = 0;
        while (fresh.IndexOf((byte)'\n') is >= 0 and var end && sent < limit)
        {
            pending.Write(fresh[..end]);
            var line = Encoding.UTF8.GetString(pending.GetBuffer(), 0, (int)pending.Length);
            pending.SetLength(0);
            fresh = fresh[(end + 1)..];
            if (LogLines.Show(line, request) is { } shown)
            {
                var bytes = Encoding.UTF8.GetBytes(shown + "\n");
                var size = (int)Math.Min(bytes.Length, limit - sent);
                writer.Write(bytes.AsSpan(0, size));
                sent += size;
            }
        }

        pending.Write(fresh);
        return sent;
    }
}
