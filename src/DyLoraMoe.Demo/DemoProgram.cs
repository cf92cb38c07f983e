using System.Runtime.InteropServices;
using DyLoraMoe.Demo.Cluster;
using DyLoraMoe.Demo.Output;
using DyLoraMoe.Demo.Processes;
using k8s.Autorest;

namespace DyLoraMoe.Demo;

/// <summary>Starts, ends and stops demonstrations.</summary>
internal static class DemoProgram
{
    /// <summary>The name under which a demonstration writes itself down.</summary>
    public const string Name = "the demonstration";

    private const int Failed = 1;
    private const int Interrupted = 130;

    /// <summary>Does what was asked for.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(DemoOptions options, TimeProvider time)
    {
        var record = new ProcessRecord(Path.Combine(options.Folder, "processes.json"));
        if (options.Stop)
        {
            var names = await record.StopAsync(time);
            Console.WriteLine(names.Count > 0 ? $"Stopped {string.Join(", ", names)}." : "Nothing runs.");
            return 0;
        }

        // Another demonstration, or the system that one left running.
        if (await record.StopAsync(time) is { Count: > 0 } before)
        {
            Console.WriteLine($"Stopped what ran before: {string.Join(", ", before)}.");
        }

        record.Add(RunningProcess.Find(Name, Environment.ProcessId)!);
        using var stop = new CancellationTokenSource();
        using var registrations = new Registrations(stop);
        var screen = Screen.Console();
        using var cluster = new DemoCluster(options, record, time);
        var code = Failed;
        try
        {
            code = await GuardAsync(new DemoRun(options, cluster, screen, time), screen, cluster, stop.Token);
            return code;
        }
        finally
        {
            if (code != 0 || options.Short)
            {
                screen.Leave();
                await record.StopAsync(time);
                screen.Line(code == Interrupted ? "Interrupted: everything is stopped." : "Everything is stopped.");
            }
        }
    }

    private static async Task<int> GuardAsync(DemoRun run, Screen screen, DemoCluster cluster, CancellationToken cancellation)
    {
        try
        {
            await run.RunAsync(cancellation);
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception error) when (error is DemoException or HttpRequestException or HttpOperationException or IOException or OperationCanceledException)
        {
            screen.Leave();
            screen.Line();
            await Console.Error.WriteLineAsync($"demo: {Reason(error, cluster)}\n  logs: {cluster.Logs}");
            return Failed;
        }
    }

    // When a call fails because a program has ended, that is the reason.
    private static string Reason(Exception error, DemoCluster cluster)
    {
        try
        {
            cluster.ThrowIfEnded();
            return error is HttpOperationException http ? $"{http.Message}: {http.Response.Content}" : error.Message;
        }
        catch (DemoException ended)
        {
            return ended.Message;
        }
    }

    /// <summary>What a person or a machine that wants an end sends.</summary>
    private sealed class Registrations : IDisposable
    {
        private readonly List<PosixSignalRegistration> _all;

        public Registrations(CancellationTokenSource stop) => _all = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                stop.Cancel();
            }))];

        public void Dispose() => _all.ForEach(registration => registration.Dispose());
    }
}
