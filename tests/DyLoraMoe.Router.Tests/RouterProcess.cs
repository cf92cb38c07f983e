using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Router.Tests;

/// <summary>The program in a process of its own.</summary>
internal sealed partial class RouterProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<string> _errors = [];

    private RouterProcess(string[] arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "dylora-router"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) =>
        {
            Note(line.Data);
            lock (_errors)
            {
                _errors.AddRange(line.Data is null ? [] : [line.Data]);
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>What came on standard error, once it has ended.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            _process.WaitForExit();
            lock (_errors)
            {
                return [.. _errors];
            }
        }
    }

    public static RouterProcess Start(params string[] arguments) => new(arguments, []);

    public static RouterProcess StartWith(IEnumerable<(string Name, string Value)> environment, params string[] arguments) => new(arguments, environment);

    /// <summary>Where it listens, from its log.</summary>
    public async Task<Uri> AddressAsync()
    {
        await Engine.Engines.UntilAsync(() => Listening().IsMatch(Output) || _process.HasExited);
        return new Uri(Listening().Match(Output).Groups[1].Value);
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        lock (_lines)
        {
            _lines.AddRange(line is null ? [] : [line]);
        }
    }

    [GeneratedRegex("listening on: (http://[0-9.:]+)")]
    private static partial Regex Listening();
}
