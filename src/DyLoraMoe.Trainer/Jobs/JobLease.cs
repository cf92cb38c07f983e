using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>
/// Lets one process at a time work on a job, whatever machine it is on. The holder keeps a file by changing its content now and then; who finds it
/// unchanged for long takes it over. No clocks are compared, and no locks of a file system are needed, only that a file can be made by one alone.
/// </summary>
internal sealed class JobLease : IDisposable
{
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    private readonly string _file;
    private readonly string _holder;
    private readonly ITimer _timer;
    private long _beats;

    private JobLease(string file, string holder, TimeProvider time)
    {
        _file = file;
        _holder = holder;
        _timer = time.CreateTimer(_ => Beat(), null, _beat, _beat);
    }

    /// <summary>After how long without a sign of life a holder is taken for dead.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Waits until nobody else works on the job.</summary>
    /// <param name="folder">The job's folder.</param>
    /// <param name="say">Told when there is something to wait for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public static JobLease Take(string folder, Action<string> say, TimeProvider time, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "lease");
        var holder = $"{Environment.MachineName} {Environment.ProcessId} {Guid.NewGuid():N}";
        (string Content, long Since)? seen = null;
        while (!TryCreate(file, holder))
        {
            cancellation.ThrowIfCancellationRequested();
            var content = Read(file);
            if (content is null)
            {
                continue;
            }

            if (seen?.Content != content)
            {
                if (seen is null && !IsDead(content))
                {
                    say($"another process may be at work on this job ({Summary(content)}): waiting for it to end");
                }

                seen = (content, time.GetTimestamp());
            }

            if (IsDead(content) || time.GetElapsedTime(seen.Value.Since) > Patience)
            {
                TakeAway(file, content);
                continue;
            }

            cancellation.WaitHandle.WaitOne(_look);
        }

        return new JobLease(file, holder, time);
    }

    /// <summary>Lets others work on the job.</summary>
    public void Dispose()
    {
        _timer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (Read(_file) is { } content && content.StartsWith(_holder, StringComparison.Ordinal))
        {
            File.Delete(_file);
        }
    }

    private static bool TryCreate(string file, string holder)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            using var writer = new StreamWriter(stream);
            writer.Write(holder + "\n0");
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
    }

    // Renamed first: of several that find it dead one gets the file, and sees whether it is the one that was found dead.
    private static void TakeAway(string file, string content)
    {
        var aside = $"{file}.{Guid.NewGuid():N}";
        try
        {
            File.Move(file, aside);
            if (Read(aside) != content)
            {
                File.Move(aside, file, overwrite: false);
            }
        }
        catch (IOException)
        {
            // Another one was faster.
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static string? Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return null;
        }
    }

    // A holder on this very machine can be looked for; elsewhere only time tells.
    private static bool IsDead(string content) =>
        content.Split(' ') is [var machine, var process, ..] && machine == Environment.MachineName
        && int.TryParse(process, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId && OperatingSystem.IsLinux() && !Directory.Exists($"/proc/{id}");

    private static string Summary(string content) => content.Split(' ') is [var machine, var process, ..] ? $"process {process} on {machine}" : "unknown";

    [SuppressMessage("Design", "CA1031", Justification = "A beat that is missed is made up for by the next; the work must not end for it.")]
    private void Beat()
    {
        try
        {
            if (Read(_file) is { } content && content.StartsWith(_holder, StringComparison.Ordinal))
            {
                Core.Safetensors.AtomicFile.WriteText(_file, string.Create(CultureInfo.InvariantCulture, $"{_holder}\n{++_beats}"));
            }
        }
        catch (Exception)
        {
        }
    }
}
