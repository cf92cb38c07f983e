using System.Diagnostics;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests;

/// <summary>A program that is run in the repository's folder to its end.</summary>
internal static class ChildProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    public static (int Code, string Output, string Errors) Run(string program, IEnumerable<string> args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = SharedFiles.RepositoryRoot };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(_patience))
        {
            process.Kill();
            throw new TimeoutException($"{program} did not end within {_patience}.");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>What it printed; it must succeed.</summary>
    public static string Read(string program, params string[] args)
    {
        var (code, output, errors) = Run(program, args);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', args)} ended with {code}: {errors}");
    }

    /// <summary>Where a program is on this machine, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
