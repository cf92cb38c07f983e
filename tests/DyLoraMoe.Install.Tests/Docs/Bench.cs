using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>
/// Where pages are followed: a clone of the repository by links, with programs of this build in bin/, stand-ins for what this machine may lack before
/// everything on the PATH, and a home of its own. Clusters are sandboxes whose jobs and routers are stubs.
/// </summary>
internal sealed class Bench : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);
    private static readonly string[] _ownFolders = [".git", "bin", "artifacts", "out", "tests"];

    // Kustomize follows no link out of its folder.
    private static readonly string[] _copied = ["config", "crds", "charts", "kustomization.yaml"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<ManagedProcess> _sandboxes = [];

    public Bench()
    {
        foreach (var entry in Directory.GetFileSystemEntries(SharedFiles.RepositoryRoot).Where(entry => !_ownFolders.Contains(Path.GetFileName(entry))))
        {
            if (_copied.Contains(Path.GetFileName(entry)))
            {
                ChildProcess.Read("cp", "-r", entry, Clone("."));
                continue;
            }

            File.CreateSymbolicLink(Clone(Path.GetFileName(entry)), entry);
        }

        Directory.CreateDirectory(_folder["home"]);
        Directory.CreateDirectory(_folder["backup"]);
        Link("images/stub", ("dylora", Programs.StubTrainer), ("dylora-router", Programs.StubRouter));
        Link("images/operator", ("dylora-operator", Programs.Operator));
        Link("images/python", ("pip", Shim("in-python/pip")), ("hf", Shim("in-python/hf")));
        Link("images/busybox", ("wget", Shim("in-busybox/wget")));
        Link("clone/bin", [.. new[] { "dylora", "dylora-operator", "dylora-sandbox" }.Select(name => (name, Shim("in-bin/" + name))), ("dylora-router", Path.Combine(SharedFiles.RepositoryRoot, "bin", "dylora-router")), ("kubectl-dylora", Programs.Plugin)]);
    }

    /// <summary>Starts a cluster, and gives the path of its kubeconfig.</summary>
    public async Task<string> StartClusterAsync(string name, bool hasOthersKinds = true)
    {
        var kubeconfig = _folder[$"{name}.kubeconfig"];
        var sandbox = ManagedProcess.Start(
            Programs.Sandbox,
            [
                "--data", _folder[name], "--kubeconfig", kubeconfig, "--port", FreePort.Next().ToString(System.Globalization.CultureInfo.InvariantCulture), "--gpus", "8",
                .. Images().SelectMany(image => new[] { "--image", image }),
                .. hasOthersKinds ? ["--manifests", Shim("kinds.yaml")] : Array.Empty<string>(),
            ]);
        _sandboxes.Add(sandbox);
        await sandbox.LineAsync(line => line.Contains(kubeconfig, StringComparison.Ordinal), _patience);
        return kubeconfig;
    }

    /// <summary>Follows a page; what it said is told when it fails.</summary>
    public Task FollowAsync(Page page, string kubeconfig, params (string Name, string Value)[] environment) => RunAsync(page.Name, PageScript.Of(page, _folder[$"manifests/{page.Name}"]), kubeconfig, environment);

    /// <summary>Runs a script as a page.</summary>
    public async Task RunAsync(string name, string script, string kubeconfig, params (string Name, string Value)[] environment)
    {
        var file = _folder[name.Replace('/', '-') + ".sh"];
        await File.WriteAllTextAsync(file, script);
        await using var shell = ManagedProcess.Start(
            "/bin/bash",
            ["-c", "cd \"$1\" && exec bash \"$2\" </dev/null", "bash", Clone("."), file],
            [
                ("KUBECONFIG", kubeconfig),
                ("HOME", _folder["home"]),
                ("PATH", $"{Shim("on-path")}:{Clone("bin")}:{_folder["home"]}/.local/bin:{Environment.GetEnvironmentVariable("PATH")}"),
                ("DYLORA_REPOSITORY", SharedFiles.RepositoryRoot),
                ("DYLORA_BUILT", Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Programs.Sandbox)))!),
                ("DYLORA_CONFIGURATION", Path.GetFileName(Path.GetDirectoryName(Programs.Sandbox))!),
                ("DYLORA_SANDBOX_IMAGES", string.Join(',', Images())),
                ("SHIM_STATE", Directory.CreateDirectory(_folder["state"]).FullName),
                ("NO_COLOR", "1"),
                .. environment,
            ]);
        try
        {
            await shell.ExitedAsync().WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{name} was not followed to its end within {_patience}:\n{shell.Output}");
        }

        Assert.True(await shell.StopAsync() == 0, $"{name} cannot be followed:\n{shell.Output}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _sandboxes)
        {
            await sandbox.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A path in the clone.</summary>
    public string Clone(string name) => Path.Combine(Directory.CreateDirectory(_folder["clone"]).FullName, name);

    /// <summary>A folder that outlives clusters.</summary>
    public string Backup => _folder["backup"];

    private static string Shim(string name) => Path.Combine(SharedFiles.RepositoryRoot, "tests", "DyLoraMoe.Install.Tests", "Docs", "Shims", name);

    private string[] Images() => ["dylora-operator=" + _folder["images/operator"], "dylora-runtime=" + _folder["images/stub"], "python=" + _folder["images/python"], "busybox=" + _folder["images/busybox"]];

    private void Link(string folder, params (string Name, string Target)[] links)
    {
        Directory.CreateDirectory(_folder[folder]);
        foreach (var (name, target) in links)
        {
            File.CreateSymbolicLink(Path.Combine(_folder[folder], name), target);
        }
    }
}
