using System.Diagnostics;
using DyLoraMoe.Demo.Lessons;

namespace DyLoraMoe.Demo.Serving;

/// <summary>The line by which a person asks what was learnt, typed in the repository.</summary>
/// <param name="root">The repository.</param>
/// <param name="text">The line.</param>
internal sealed class ChatLine(string root, string text)
{
    /// <summary>The line that asks a question of a scenario.</summary>
    /// <param name="options">What the demonstration was asked for.</param>
    /// <param name="kubeconfig">How its cluster is reached.</param>
    /// <param name="scenario">What it taught.</param>
    /// <param name="prompt">The question.</param>
    public static ChatLine Of(DemoOptions options, string kubeconfig, Scenario scenario, string prompt)
    {
        var file = Path.GetRelativePath(options.Root, kubeconfig);
        var stop = scenario.Stop is { } end ? $" --stop {Quoted(end.Replace("\n", "\\n", StringComparison.Ordinal))}" : "";
        return new(options.Root, $"bin/kubectl-dylora chat --kubeconfig {Word(file.StartsWith("..", StringComparison.Ordinal) ? kubeconfig : file)} --raw -m {Quoted(prompt)}{stop} --temperature 0");
    }

    /// <inheritdoc/>
    public override string ToString() => text;

    /// <summary>What it answers, and below it who did.</summary>
    /// <exception cref="DemoException">It does not.</exception>
    public async Task<string> AskAsync(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", text]) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true };
        using var shell = Process.Start(start)!;
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(cancellation), shell.StandardError.ReadToEndAsync(cancellation));
        try
        {
            await shell.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            throw;
        }

        return shell.ExitCode == 0 ? (await output + await errors).TrimEnd() : throw new DemoException($"expected an answer of {text}, found: {(await errors).Trim()}");
    }

    private static string Word(string path) => path.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '.' or '-' or '_') ? path : Quoted(path);

    private static string Quoted(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
