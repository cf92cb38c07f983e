using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>
/// One run of a container as a process group of its own. A small supervisor stands between: it takes signals over a pipe and,
/// when that pipe closes because the sandbox is gone however it went, kills the group. Nothing outlives the sandbox.
/// </summary>
internal sealed class ContainerProcess : IAsyncDisposable
{
    /// <summary>
    /// Commands on standard input: TERM asks the program to end, KILL ends the group, and so does the end of input. When the
    /// program ends, what it left behind in its group ends too, and the exit code is kept in a file.
    /// </summary>
    private const string Supervisor = """
        trap '' INT HUP
        exit_file=$1; shift
        exec 3<&0
        setsid "$@" </dev/null 3<&- &
        child=$!
        (
          trap '' TERM
          while read -r order <&3; do
            case $order in
              TERM) kill -TERM "$child" ;;
              KILL) kill -KILL -"$child" || kill -KILL "$child" ;;
            esac
          done
          kill -KILL -"$child" || kill -KILL "$child"
        ) >/dev/null 2>&1 &
        watch=$!
        exec 3<&-
        wait "$child"
        code=$?
        { kill -KILL -"$child"; kill -KILL "$watch"; wait "$watch"; } >/dev/null 2>&1
        echo "$code" >"$exit_file"
        exit "$code"
        """;

    private static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly LogWriter _log;
    private readonly TimeProvider _time;
    private readonly Task _output;

    private ContainerProcess(Process process, LogWriter log, TimeProvider time)
    {
        _time = time;
        _process = process;
        _log = log;
        _output = Task.WhenAll(
            log.CopyAsync("stdout", process.StandardOutput), log.CopyAsync("stderr", process.StandardError));
        Exit = WaitAsync();
    }

    /// <summary>The exit code: 128 and the signal's number after a signal.</summary>
    public Task<int> Exit { get; }

    /// <exception cref="SetupException">The program cannot be started.</exception>
    public static ContainerProcess Start(LaunchPlan plan, string exitFile, LogWriter log, TimeProvider time)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = plan.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["-c", Supervisor, "supervise", exitFile, .. plan.Command])
        {
            start.ArgumentList.Add(argument);
        }

        SetEnvironment(start, plan.Environment);
        try
        {
            return new ContainerProcess(Process.Start(start)!, log, time);
        }
        catch (Win32Exception e)
        {
            log.Dispose();
            throw new SetupException("RunContainerError", $"failed to start: {e.Message}");
        }
    }

    /// <summary>The exit code that a run left behind while no sandbox looked.</summary>
    public static int? LeftExitCode(string exitFile) =>
        File.Exists(exitFile) && int.TryParse(File.ReadAllText(exitFile).Trim(), CultureInfo.InvariantCulture, out var code) ? code : null;

    /// <summary>Runs a command beside the container, as exec probes and hooks do; null when it took too long.</summary>
    public static async Task<(int Code, string Output)?> RunAsync(
        LaunchPlan plan, IEnumerable<string> command, TimeSpan limit, CancellationToken cancellation)
    {
        var parts = command.Select(plan.Paths.Rewrite).ToList();
        var program = ProgramPath.Resolve(plan.Image ?? "/", parts[0], plan.Environment["PATH"]);
        if (program is null)
        {
            return (127, $"exec: \"{parts[0]}\": not found");
        }

        var start = new ProcessStartInfo(program, parts.Skip(1))
        {
            WorkingDirectory = plan.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        SetEnvironment(start, plan.Environment);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return (126, e.Message);
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bound.Token);
            var errors = process.StandardError.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    public void Terminate() => Order("TERM");

    public void Kill() => Order("KILL");

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }

        await Exit;
        _process.Dispose();
    }

    private static void SetEnvironment(ProcessStartInfo start, IReadOnlyDictionary<string, string> environment)
    {
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
    }

    private void Order(string order)
    {
        try
        {
            _process.StandardInput.Write(order + "\n");
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        // Something that left the group may still hold the output open; it is not waited for.
        await Task.WhenAny(_output, Task.Delay(OutputLimit, _time));
        _log.Dispose();
        return _process.ExitCode;
    }
}
