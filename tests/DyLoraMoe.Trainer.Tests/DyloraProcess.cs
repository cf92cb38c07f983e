using System.Diagnostics;
using System.Text;

namespace DyLoraMoe.Trainer.Tests;

/// <summary>Starts the built program as a person or a Job would.</summary>
internal static class DyloraProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <summary>The executable that the build of these tests' own configuration left.</summary>
    public static string Path { get; } = Find();

    /// <summary>Runs to the end.</summary>
    public static Task<Outcome> RunAsync(params string[] args) => RunAsync(standardInput: null, args);

    /// <summary>Runs to the end with something on standard input.</summary>
    public static async Task<Outcome> RunAsync(string? standardInput, string[] args)
    {
        using var process = Start(args);
        if (standardInput is not null)
        {
            await process.StandardInput.WriteAsync(standardInput);
        }

        process.StandardInput.Close();
        return await FinishAsync(process);
    }

    /// <summary>Starts without waiting; finish with <see cref="FinishAsync"/>.</summary>
    public static Process Start(params string[] args) => Start([], args);

    /// <summary>Starts without waiting, with more in its environment.</summary>
    public static Process Start(IReadOnlyList<(string Name, string Value)> environment, params string[] args)
    {
        var start = new ProcessStartInfo(Path, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment.Remove("DYLORA_DEBUG");
        start.Environment.Remove("OMP_WAIT_POLICY");
        start.Environment.Remove("OMP_NUM_THREADS");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for the end and collects what was printed.</summary>
    public static async Task<Outcome> FinishAsync(Process process)
    {
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var program = System.IO.Path.Combine(here.Parent!.Parent!.FullName, "DyLoraMoe.Trainer", here.Name, "dylora");
        return File.Exists(program) ? program : throw new FileNotFoundException($"Expected {program}; build the solution first.", program);
    }
}

/// <summary>What a run of the program came to.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>The only line on standard error.</summary>
    public string ErrorLine => Assert.Single(Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Requires success, showing the errors otherwise.</summary>
    public Outcome Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}");
        return this;
    }
}
