using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Testing;
using k8s;

namespace DyLoraMoe.ClusterHarness;

/// <summary>A namespace for one test, in a cluster that others may use at the same time. It is gone after the test, with all that is in it.</summary>
internal sealed class TestNamespace : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private OperatorAccount? _account;
    private ManagedProcess? _operator;

    private TestNamespace(Kubernetes client, string name) => (Client, Name) = (client, name);

    public string Name { get; }

    public Kubernetes Client { get; }

    /// <summary>Works in the namespace unless it is told otherwise.</summary>
    public Kubectl Kubectl => new(KubeConfig);

    /// <summary>With what the operator may do.</summary>
    public Kubectl OperatorKubectl => new(_account!.KubeConfig);

    private string KubeConfig => _folder["kubeconfig"];

    public static async Task<TestNamespace> CreateAsync(TestCluster cluster)
    {
        var created = new TestNamespace(cluster.Client, $"test-{Guid.NewGuid():n}"[..16]);
        await cluster.Kubectl.RunAsync("create", "namespace", created.Name);
        await File.WriteAllTextAsync(created.KubeConfig, await cluster.Kubectl.RunAsync("config", "view", "--raw", "--flatten", "--minify"));
        await created.Kubectl.RunAsync("config", "set-context", "--current", "--namespace", created.Name);
        created._account = await OperatorAccount.CreateAsync(cluster.Client, cluster.KubeConfig, $"{created.Name}-operator", created._folder["operator"]);
        return created;
    }

    /// <summary>Starts an operator that works in this namespace alone, with the rights of an installation, in place of the one that was there.</summary>
    public async Task<ManagedProcess> StartOperatorAsync(params (string Name, string Value)[] environment)
    {
        await StopOperatorAsync();
        return _operator = await OperatorProcess.StartAsync(_account!.KubeConfig, environment: [("DYLORA_NAMESPACE", Name), .. environment]);
    }

    public Resource Resource(string plural) => new(Client, plural, @namespace: Name);

    /// <summary>What a backbone with its experts answers to a prompt.</summary>
    public async Task<string> AskAsync(string backbone, string prompt)
    {
        var answer = await CallAsync(backbone, "/v1/completions", new { model = backbone, prompt, max_tokens = 16, temperature = 0, stop = "\n" });
        return (string)answer["choices"]![0]!["text"]!;
    }

    /// <summary>What a router pod of a backbone answers: to a body that is posted, or to a bare path.</summary>
    public async Task<JsonNode> CallAsync(string backbone, string path, object? body = null)
    {
        var pods = await Client.CoreV1.ListNamespacedPodAsync(Name, labelSelector: $"dylora.dev/backbone={backbone},app.kubernetes.io/component=router");

        // One that is about to go still answers for a moment, with the set before.
        var pod = pods.Items.First(item => item.Metadata.DeletionTimestamp is null && item.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true);
        using var http = new HttpClient();
        var address = new Uri($"http://{pod.Status.PodIP}:8080{path}");
        using var content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = content is null ? await http.GetAsync(address) : await http.PostAsync(address, content);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Everything goes at once, and nothing can be written down any more; the operator goes last, for it lets go of its objects.
            await Kubectl.RunAsync("delete", "namespace", Name, $"--timeout={_patience.TotalSeconds:0}s");
        }
        finally
        {
            await StopOperatorAsync();
            await (_account?.DisposeAsync() ?? ValueTask.CompletedTask);
            _folder.Dispose();
        }
    }

    private async Task StopOperatorAsync()
    {
        if (_operator is { } running)
        {
            _operator = null;
            await running.DisposeAsync();
        }
    }
}
