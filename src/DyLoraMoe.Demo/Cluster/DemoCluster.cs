using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Demo.Processes;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Demo.Cluster;

/// <summary>The sandbox and the operator, as processes of this machine that outlive this one, and a client of their API.</summary>
internal sealed class DemoCluster : IDisposable
{
    private const string Space = "default";
    private const string Manager = "dylora-demo";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(100);

    private readonly DemoOptions _options;
    private readonly ProcessRecord _record;
    private readonly TimeProvider _time;
    private readonly List<BackgroundProcess> _processes = [];
    private Kubernetes? _client;

    /// <summary>A cluster that does not run yet.</summary>
    public DemoCluster(DemoOptions options, ProcessRecord record, TimeProvider time) => (_options, _record, _time) = (options, record, time);

    /// <summary>How <c>kubectl</c> reaches it.</summary>
    public string Kubeconfig => Path.Combine(_options.Folder, "kubeconfig");

    /// <summary>Where the output of programs and pods is.</summary>
    public string Logs => $"{Log("sandbox")}, {Log("operator")}, {Path.Combine(State, "pods")}";

    private string State => Path.Combine(_options.Folder, "cluster");

    private Kubernetes Client => _client ?? throw new InvalidOperationException("The cluster was not started.");

    /// <summary>Starts the sandbox, which applies manifests before it answers.</summary>
    /// <param name="manifests">Files and folders of manifests.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task StartSandboxAsync(IEnumerable<string> manifests, CancellationToken cancellation)
    {
        File.Delete(Kubeconfig);
        string[] arguments = ["--data", State, "--kubeconfig", Kubeconfig, .. manifests.SelectMany(path => new[] { "--manifests", path })];
        var sandbox = Start("dylora-sandbox", Log("sandbox"), arguments);
        await UntilAsync("the sandbox to answer", () => Task.FromResult(sandbox.Wrote(Kubeconfig)), cancellation);
        _client = new Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(new FileInfo(Kubeconfig)));
    }

    /// <summary>Starts the operator, and waits until it is ready.</summary>
    public async Task StartOperatorAsync(CancellationToken cancellation)
    {
        var port = FreePort();
        Start("dylora-operator", Log("operator"), [], ("KUBECONFIG", Kubeconfig), ("DYLORA_LEADER_ELECTION", "false"), ("DYLORA_TRAFFIC_SECONDS", "5"), ("DYLORA_METRICS_PORT", port.ToString(CultureInfo.InvariantCulture)));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await UntilAsync("the operator to be ready", () => IsReadyAsync(http, cancellation), cancellation);
    }

    /// <summary>Writes down a program that somebody else waits for, so that it ends with the demonstration however that ends.</summary>
    /// <param name="name">What it is, for people.</param>
    /// <param name="process">The program.</param>
    public void Watch(string name, Process process)
    {
        if (RunningProcess.Find(name, process.Id) is { } running)
        {
            _record.Add(running);
        }
    }

    /// <summary>Fails when one of the programs has ended.</summary>
    public void ThrowIfEnded() => _processes.ForEach(process => process.ThrowIfEnded());

    /// <summary>Applies a Skill.</summary>
    public Task ApplySkillAsync(JsonObject manifest, CancellationToken cancellation) => Client.CustomObjects.PatchNamespacedCustomObjectAsync<JsonObject>(
        new V1Patch(manifest, V1Patch.PatchType.ApplyPatch), ApiNames.Group, ApiNames.Version, Space, Skill.PluralName, (string)manifest["metadata"]!["name"]!, fieldManager: Manager, force: true, cancellationToken: cancellation);

    /// <summary>Deletes a Skill; its finalizer keeps it until its expert has left the set.</summary>
    public Task DeleteSkillAsync(string name, CancellationToken cancellation) =>
        Client.CustomObjects.DeleteNamespacedCustomObjectAsync<JsonObject>(ApiNames.Group, ApiNames.Version, Space, Skill.PluralName, name, cancellationToken: cancellation);

    /// <summary>All there is now.</summary>
    public async Task<Snapshot> LookAsync(CancellationToken cancellation) => new(
        await ListAsync<Backbone>(Backbone.PluralName, cancellation),
        await ListAsync<Skill>(Skill.PluralName, cancellation),
        await ListAsync<LoraExpert>(LoraExpert.PluralName, cancellation));

    /// <summary>The address of a backbone's Service on this machine.</summary>
    public async Task<Uri> RouterAsync(string backbone, CancellationToken cancellation)
    {
        var service = await Client.CoreV1.ReadNamespacedServiceAsync($"{backbone}-router", Space, cancellationToken: cancellation);
        return new Uri($"http://{service.Spec.ClusterIP}:{service.Spec.Ports[0].Port}");
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private async Task<IReadOnlyList<T>> ListAsync<T>(string plural, CancellationToken cancellation) =>
        [.. (await Client.CustomObjects.ListNamespacedCustomObjectAsync<ItemList<T>>(ApiNames.Group, ApiNames.Version, Space, plural, cancellationToken: cancellation)).Items];

    private BackgroundProcess Start(string program, string log, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var process = BackgroundProcess.Start(program, log, Path.Combine(_options.Root, "bin", program), arguments, environment);
        _record.Add(process.Running);
        _processes.Add(process);
        return process;
    }

    private async Task UntilAsync(string what, Func<Task<bool>> isDone, CancellationToken cancellation)
    {
        var begin = _time.GetTimestamp();
        while (!await isDone())
        {
            ThrowIfEnded();
            if (_time.GetElapsedTime(begin) > _patience)
            {
                throw new DemoException($"waited {_patience.TotalSeconds} s for {what}; its output: {_processes[^1].Log}");
            }

            await Task.Delay(_between, _time, cancellation);
        }
    }

    private string Log(string program) => Path.Combine(_options.Folder, $"{program}.log");

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record ItemList<T>
    {
        public IList<T> Items { get; init; } = [];
    }
}
