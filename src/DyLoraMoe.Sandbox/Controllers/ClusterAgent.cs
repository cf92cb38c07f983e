using DyLoraMoe.Sandbox.Controllers.Accounts;
using DyLoraMoe.Sandbox.Controllers.Deployments;
using DyLoraMoe.Sandbox.Controllers.Disruptions;
using DyLoraMoe.Sandbox.Controllers.Garbage;
using DyLoraMoe.Sandbox.Controllers.Jobs;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using DyLoraMoe.Sandbox.Controllers.Scheduling;
using DyLoraMoe.Sandbox.Controllers.Services;
using DyLoraMoe.Sandbox.Controllers.Storage;
using DyLoraMoe.Sandbox.Kubelet;
using k8s;

namespace DyLoraMoe.Sandbox.Controllers;

/// <summary>All that works behind the API: the controllers, the scheduler, the proxy and the kubelet, over one set of informers.</summary>
internal sealed class ClusterAgent(ClusterOptions options, ILoggerFactory loggers, TimeProvider time) : ISandboxAgent
{
    public string Name => "cluster";

    public static string PodsFolder(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "pods");

    public async Task RunAsync(IKubernetes client, CancellationToken stopping)
    {
        var cluster = new ClusterContext(client, options, loggers, time);
        using var network = LoopbackNetwork.Claim(options.DataDirectory);
        await ClusterBasics.EnsureAsync(cluster.Api, stopping);
        await using var proxy = new ServiceProxy(cluster);
        using var http = ProbeClient();
        var kubelet = Kubelet(cluster, network, http);
        using var garbage = new GarbageCollector(cluster);
        IClusterComponent[] parts =
        [
            cluster.Events,
            new JobController(cluster),
            new DeploymentController(cluster),
            new ReplicaSetController(cluster),
            new ServiceAddresses(cluster, network),
            new EndpointController(cluster),
            proxy,
            new Scheduler(cluster),
            new VolumeBinder(cluster),
            new NamespaceEquipment(cluster),
            new RoleAggregation(cluster),
            new DisruptionController(cluster),
            new AutoscalerReporter(cluster),
            garbage,
            new NodeKeeper(cluster),
        ];

        // The kubelet ends pods while the API is still there; informers and events go on for it.
        using var rest = new CancellationTokenSource();
        var running = kubelet.RunAsync(stopping);
        var others = parts.Select(part => part.RunAsync(part is EventRecorder ? rest.Token : stopping))
            .Concat(cluster.Informers.Select(informer => informer.RunAsync(rest.Token)))
            .Append(garbage.WatchKindsAsync(stopping))
            .ToList();
        await running;
        await rest.CancelAsync();
        await Task.WhenAll(others);
    }

    private KubeletAgent Kubelet(ClusterContext cluster, LoopbackNetwork network, HttpClient http)
    {
        var sources = new PodSources(cluster.Api);
        var server = options.Server ?? cluster.Api.Server;
        return new KubeletAgent(new PodTools(
            cluster, network, sources,
            new VolumeSetup(sources, options.CertificateAuthority),
            new LaunchPlanner(options, new ImageCatalog(options.Images), sources, server),
            new ProbeCheck(http),
            PodsFolder(options.DataDirectory)));
    }

    /// <summary>Probes take any certificate, as a kubelet's do, and follow no redirects.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "A probe asks whether a pod answers, not who it is; kubelets do the same.")]
    private static HttpClient ProbeClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
#pragma warning disable CA5359 // What a probe asks is on this machine, and its certificate is its own business.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    });
}
