using DyLoraMoe.Testing;
using k8s;

namespace DyLoraMoe.ClusterHarness;

/// <summary>
/// A Kubernetes API with the resources installed: the one that <c>DYLORA_TEST_KUBECONFIG</c> names, or a sandbox of the test's own. The images are
/// those of <c>DYLORA_TEST_IMAGE</c> and <c>DYLORA_TEST_STUB_IMAGE</c>, which only the sandbox finds without a registry.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string Image = "dylora-runtime:test";
    public const string StubImage = "dylora-stub:test";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _options;
    private ManagedProcess? _sandbox;

    private TestCluster(string[] options) => _options = options;

    /// <summary>Whether the cluster is one of the test's own, which it may stop and start.</summary>
    public bool IsSandbox => _sandbox is not null;

    public string KubeConfig { get; private set; } = "";

    public Kubectl Kubectl => new(KubeConfig);

    public Kubernetes Client { get; private set; } = null!;

    /// <summary>Files of the test; gone after it.</summary>
    public TemporaryFolder Folder => _folder;

    /// <summary>The rights that anybody but the administrator needed so far, and whether they were had; nobody writes them down in a cluster that is no sandbox.</summary>
    public IReadOnlyList<NeededRight> NeededRights => IsSandbox ? [.. NeededRight.Read(_folder["rights"])] : [];

    public string SandboxOutput => _sandbox?.Output ?? "";

    public static string ImageOf(bool stub) => Environment.GetEnvironmentVariable(stub ? "DYLORA_TEST_STUB_IMAGE" : "DYLORA_TEST_IMAGE") is { Length: > 0 } image ? image : stub ? StubImage : Image;

    /// <summary>Starts one with the resources installed.</summary>
    public static async Task<TestCluster> StartAsync(params string[] options)
    {
        var cluster = await StartBareAsync(options);
        try
        {
            await cluster.Kubectl.RunAsync("apply", "--server-side", "--force-conflicts", "-f", Path.Combine(SharedFiles.RepositoryRoot, "crds"));
            await cluster.Kubectl.RunAsync("wait", "--for=condition=Established", "crd/backbones.dylora.dev", "crd/skills.dylora.dev", "crd/loraexperts.dylora.dev", "crd/consolidations.dylora.dev", "crd/growths.dylora.dev", "--timeout=30s");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one that has nothing of this project yet.</summary>
    public static async Task<TestCluster> StartBareAsync(params string[] options)
    {
        var cluster = new TestCluster(options);
        try
        {
            if (Environment.GetEnvironmentVariable("DYLORA_TEST_KUBECONFIG") is { Length: > 0 } given)
            {
                cluster.KubeConfig = given;
            }
            else
            {
                cluster.MakeImages();
                await cluster.StartSandboxAsync();
            }

            cluster.Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.KubeConfig));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the sandbox again on its data, as after a crash of the machine.</summary>
    public async Task StartSandboxAsync()
    {
        KubeConfig = _folder["kubeconfig"];
        _sandbox = ManagedProcess.Start(
            Programs.Sandbox,
            ["--data", _folder["sandbox"], "--kubeconfig", KubeConfig, "--port", Port, "--image", $"{Image}={_folder["image"]}", "--image", $"{StubImage}={_folder["stub"]}", "--access-log", _folder["rights"], .. _options]);
        await _sandbox.LineAsync(line => line.Contains(KubeConfig, StringComparison.Ordinal), _patience);
    }

    public Task KillSandboxAsync() => _sandbox!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }

        _folder.Dispose();
    }

    // One port for the life of the test, so that a kubeconfig stays good over a restart.
    private string Port { get; } = FreePort.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void MakeImages()
    {
        // The launchers, since they know where the built-in models are.
        Link("image", ("dylora", Launcher("dylora")), ("dylora-router", Launcher("dylora-router")));
        Link("stub", ("dylora", Programs.StubTrainer), ("dylora-router", Programs.StubRouter));

        static string Launcher(string name) => Path.Combine(SharedFiles.RepositoryRoot, "bin", name);

        void Link(string folder, params (string Name, string Target)[] links)
        {
            Directory.CreateDirectory(_folder[folder]);
            foreach (var (name, target) in links)
            {
                File.CreateSymbolicLink(Path.Combine(_folder[folder], name), target);
            }
        }
    }
}
