using System.Diagnostics;

namespace DyLoraMoe.Demo.Processes;

/// <summary>
/// A program that goes on when the demonstration has ended: in a session of its own, which Ctrl-C of the terminal does not reach, with its output in a file.
/// </summary>
internal sealed class BackgroundProcess
{
    private const int ShownLines = 15;

    private readonly Process _process;

    private BackgroundProcess(Process process, RunningProcess running, string log) => (_process, Running, Log) = (process, running, log);

    /// <summary>It, for whoever stops it.</summary>
    public RunningProcess Running { get; }

    /// <summary>The file with its output.</summary>
    public string Log { get; }

    /// <summary>Starts one.</summary>
    /// <param name="name">What it is, for people.</param>
    /// <param name="log">Where its output goes; begun anew.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables besides.</param>
    public static BackgroundProcess Start(string name, string log, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        if (!File.Exists(program))
        {
            throw new DemoException($"expected the program {program}, but it is not there; make build makes it");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(log)!);

        // Everything is replaced by the program in turn, so its number is that of the process started here.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec setsid \"$@\" </dev/null >\"$log\" 2>&1", "sh", log, program, .. arguments]);
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var process = Process.Start(start)!;
        var running = RunningProcess.Find(name, process.Id) ?? throw new DemoException($"{name} ended as soon as it was started; its output: {log}");
        return new BackgroundProcess(process, running, log);
    }

    /// <summary>Fails when it has ended.</summary>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
        {
            throw new DemoException($"{Running.Name} ended with exit code {_process.ExitCode}. The end of {Log}:\n{Tail()}");
        }
    }

    /// <summary>Whether it wrote that text.</summary>
    public bool Wrote(string text) => File.Exists(Log) && File.ReadAllText(Log).Contains(text, StringComparison.Ordinal);

    private string Tail() => string.Join('\n', File.ReadLines(Log).TakeLast(ShownLines).Select(line => $"    {line}"));
}
