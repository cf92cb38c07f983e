using System.Diagnostics;

namespace DyLoraMoe.Sandbox.Tests.Running;

/// <summary>What a program left when it ended.</summary>
public sealed record Outcome(int Code, string Output, string Errors)
{
    /// <summary>All that it wrote.</summary>
    public string All => Output + Errors;
}

/// <summary>
/// The built program on a data folder of its own, with an image <c>test:1</c> of three shell programs: <c>sleeper</c> runs until it is told to end,
/// <c>counter N [CODE]</c> prints N lines and ends, <c>once FILE</c> fails the first time and is done the second.
/// </summary>
public sealed class RunningSandbox : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("dylora-sandbox-tests-").FullName;
    private readonly List<string> _errors = [];
    private Process? _process;

    /// <summary>The path of the kubeconfig.</summary>
    public string Kubeconfig => Path.Combine(_folder, "data", "kubeconfig");

    /// <summary>The data folder, which stands in the environment of every process that the sandbox starts.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>A path in the test's folder.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    /// <summary>Starts the first time.</summary>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(this["image"]);
        Program("sleeper", "echo started\ntrap 'echo bye; exit 0' TERM\nwhile :; do sleep 0.1; done");
        Program("counter", "i=0; while [ $i -lt ${1:-3} ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit ${2:-0}");
        Program("once", "[ -e \"$1\" ] && exit 0\ntouch \"$1\"\nsleep 600");
        await StartAsync();
    }

    /// <summary>Starts on the data that are there.</summary>
    public async Task StartAsync()
    {
        DirectoryInfo here = new(AppContext.BaseDirectory);
        string program = Path.Combine(here.Parent!.Parent!.FullName, "DyLoraMoe.Sandbox", here.Name, "dylora-sandbox");
        ProcessStartInfo start = new(program, ["--data", Data, "--image", $"test:1={this["image"]}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.Add(line.Data ?? "");
            }
        };
        _process.BeginErrorReadLine();
        using CancellationTokenSource patience = new(Patience);
        string? ready = await _process.StandardOutput.ReadLineAsync(patience.Token);
        Assert.True(ready == Kubeconfig, $"expected {Kubeconfig}, found '{ready}': {ErrorText()}");
    }

    /// <summary>Ends it as a power failure would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Runs kubectl; fails the test when kubectl fails.</summary>
    public async Task<string> KubectlAsync(params string[] args)
    {
        Outcome outcome = await TryAsync(null, args);
        Assert.True(outcome.Code == 0, $"kubectl {string.Join(' ', args)} ended with {outcome.Code}: {outcome.All}\n{ErrorText()}");
        return outcome.Output;
    }

    /// <summary>Applies a manifest.</summary>
    public async Task<string> ApplyAsync(string manifest, params string[] args)
    {
        Outcome outcome = await TryAsync("---\n" + manifest, ["apply", "-f", "-", .. args]);
        Assert.True(outcome.Code == 0, $"kubectl apply ended with {outcome.Code}: {outcome.All}");
        return outcome.Output;
    }

    /// <summary>Runs kubectl and returns what came of it.</summary>
    public Task<Outcome> TryAsync(string? input, params string[] args) => TryAsync(input, [], args);

    /// <summary>Runs kubectl with more environment variables.</summary>
    public async Task<Outcome> TryAsync(string? input, (string Name, string Value)[] environment, string[] args)
    {
        ProcessStartInfo start = new("kubectl", args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["KUBECACHEDIR"] = this["cache"];
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        using CancellationTokenSource patience = new(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new Outcome(-1, await output, $"kubectl did not end within {Patience}: {await errors}");
        }

        return new Outcome(process.ExitCode, await output, await errors);
    }

    /// <summary>Repeats a look until it shows what is expected.</summary>
    public Task UntilAsync(string expected, params string[] args) => UntilOneOfAsync([expected], args);

    /// <summary>Asks again until the answer is one of those expected.</summary>
    public async Task UntilOneOfAsync(string[] expected, params string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string found = (await TryAsync(null, args)).All.Trim();
            if (expected.Contains(found))
            {
                return;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"kubectl {string.Join(' ', args)}: expected '{string.Join("' or '", expected)}', found '{found}' after {Patience}");
            await Task.Delay(200);
        }
    }

    /// <summary>The ids of processes that the sandbox started and that run.</summary>
    public List<int> Processes() => [.. Directory.GetDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int id) ? id : 0)
        .Where(id => id > 0 && id != _process?.Id && Mentions(id))];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        for (int tries = 0; Processes().Count > 0 && tries < 50; tries++)
        {
            await Task.Delay(100);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private bool Mentions(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Contains(_folder, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Program(string name, string text)
    {
        string path = Path.Combine(this["image"], name);
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string ErrorText()
    {
        lock (_errors)
        {
            return string.Join('\n', _errors.TakeLast(20));
        }
    }
}
