using System.Diagnostics;
using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Tests.Running;

/// <summary>A cluster with the operator and two backbones whose jobs and routers are stubs, and the plugin as a person calls it.</summary>
public sealed class LearningCluster : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private TestCluster _cluster = null!;
    private ManagedProcess _operator = null!;

    internal ClusterHarness.Kubectl Kubectl => _cluster.Kubectl;

    internal Resource Skills => new(_cluster.Client, "skills");

    internal Resource Experts => new(_cluster.Client, "loraexperts");

    internal Resource Backbones => new(_cluster.Client, "backbones");

    internal string Kubeconfig => _cluster.KubeConfig;

    /// <summary>A file of the test.</summary>
    public string this[string name] => _cluster.Folder[name];

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        _operator = await OperatorProcess.StartAsync(_cluster.KubeConfig);
        await Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Backbone("other"), Manifests.Skill("reverse"), Manifests.Skill("first", backbone: "other")));
        foreach (var name in (string[])["reverse", "first"])
        {
            await Skills.UntilAsync(name, skill => skill.IsReady(), _patience, "Ready");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
        {
            await _operator.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    /// <summary>Writes examples as rows of one column, where the stub trainer finds its directives.</summary>
    public string Examples(string name, string directives = "", int count = 40, int seed = 0)
    {
        var path = this[$"{name}.csv"];
        File.WriteAllLines(path, [
            "text",
            .. directives.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(directive => "stub: " + directive),
            .. Enumerable.Range(0, count).Select(index => $"{name} {seed} {index}")]);
        return path;
    }

    /// <summary>Waits until a skill is judged for good, one way or the other.</summary>
    internal Task<JsonObject?> SettledAsync(string skill) => Skills.UntilAsync(skill, item => item.IsReady() || item.Has("Stalled", "True"), _patience, "settled");

    /// <summary>Runs the real <c>kubectl dylora</c>.</summary>
    public Task<Outcome> KubectlAsync(params string[] args) => StartAsync("kubectl", ["dylora", .. args], "", []);

    /// <summary>Runs the plugin in this process, which takes no time to start.</summary>
    public Task<Outcome> RunAsync(params string[] args) => RunAsync("", args);

    /// <summary>Runs the plugin in this process, with something to read.</summary>
    internal async Task<Outcome> RunAsync(string input, string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        using var reader = new StringReader(input);
        string[] all = args.Contains("--kubeconfig") ? args : args is ["__complete", ..] ? ["__complete", "--kubeconfig", Kubeconfig, .. args[1..]] : [.. args, "--kubeconfig", Kubeconfig];
        var code = await Shell.RunAsync(all, new Terminal(output, errors, reader, isLive: false, isTyped: false));
        return new(code, output.ToString(), errors.ToString());
    }

    /// <summary>Runs a program with the plugin on its PATH.</summary>
    public async Task<Outcome> StartAsync(string program, string[] args, string input, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Programs.Plugin)}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(_patience);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} did not end within {_patience}.");
        }
    }

    /// <summary>A kubeconfig of a service account with the rules of a manifest.</summary>
    internal async Task<string> AccountAsync(string name, string rules)
    {
        await Kubectl.ApplyAsync($$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: {{name}}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: {{name}}}
            rules:
            {{rules}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: {{name}}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{name}}}
            subjects: [{kind: ServiceAccount, name: {{name}}}]
            """);
        var token = (await Kubectl.RunAsync("create", "token", name)).Trim();
        var path = this[$"{name}.kubeconfig"];
        File.Copy(Kubeconfig, path, overwrite: true);
        foreach (var args in (string[][])[["set-credentials", name, $"--token={token}"], ["set-context", "--current", $"--user={name}"]])
        {
            await new ClusterHarness.Kubectl(path).RunAsync(["config", .. args]);
        }

        return path;
    }
}
