using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DyLoraMoe.ClusterHarness;

/// <summary>A program under test, whose output is kept so that a failure can show it, and which never outlives the test.</summary>
internal sealed partial class ManagedProcess : IAsyncDisposable
{
    private const int KeptLines = 200;
    private const int Terminate = 15;

    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly List<(Func<string, bool> Match, TaskCompletionSource<string> Seen)> _waiting = [];

    private ManagedProcess(Process process) => _process = process;

    public bool HasExited => _process.HasExited;

    /// <summary>The most memory that it ever had in use.</summary>
    public long PeakWorkingSetBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Output => string.Join('\n', _lines);

    public static ManagedProcess Start(string program, IEnumerable<string> args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var managed = new ManagedProcess(new Process { StartInfo = start });
        managed._process.OutputDataReceived += (_, line) => managed.Take(line.Data);
        managed._process.ErrorDataReceived += (_, line) => managed.Take(line.Data);
        managed._process.Start();
        managed._process.BeginOutputReadLine();
        managed._process.BeginErrorReadLine();
        return managed;
    }

    /// <summary>The next line that fits, or one that came already.</summary>
    public async Task<string> LineAsync(Func<string, bool> match, TimeSpan patience)
    {
        TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (_lines.FirstOrDefault(match) is { } already)
            {
                return already;
            }

            _waiting.Add((match, seen));
        }

        var exited = _process.WaitForExitAsync();
        var first = await Task.WhenAny(seen.Task, exited).WaitAsync(patience);
        return first == seen.Task ? await seen.Task : throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with {_process.ExitCode}:\n{Output}");
    }

    /// <summary>Completes when it has ended.</summary>
    public Task ExitedAsync() => _process.WaitForExitAsync();

    /// <summary>SIGKILL: no last words.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            _ = Signal(_process.Id, Terminate);
        }

        await _process.WaitForExitAsync().WaitAsync(_grace);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_waiting)
        {
            _lines.Enqueue(line);
            while (_lines.Count > KeptLines)
            {
                _lines.TryDequeue(out _);
            }

            foreach (var waiting in _waiting.Where(waiting => waiting.Match(line)).ToList())
            {
                _waiting.Remove(waiting);
                waiting.Seen.TrySetResult(line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
