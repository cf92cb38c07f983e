using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;
using k8s;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>What is installed, put before an API server with kubectl.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task An_API_server_takes_every_set_of_values()
    {
        await using var cluster = await TestCluster.StartAsync();
        foreach (var name in new[] { "dylora-system", "team", "second", "red", "blue", "2024", "1e3" })
        {
            await cluster.Kubectl.RunAsync("create", "namespace", name);
        }

        await cluster.Kubectl.ApplyAsync("""
            apiVersion: scheduling.k8s.io/v1
            kind: PriorityClass
            metadata: {name: system-cluster-critical}
            value: 2000000000
            ---
            apiVersion: scheduling.k8s.io/v1
            kind: PriorityClass
            metadata: {name: "null"}
            value: 1000000000
            """);
        foreach (var values in ChartCases.Good)
        {
            var manifests = YamlJson.Read(Renderer.Template(values)).Where(manifest => !manifest.IsOfPrometheus() && !manifest.IsHook()).ToList();
            await File.WriteAllTextAsync(cluster.Folder["release.yaml"], List(manifests));

            var said = await cluster.Kubectl.RunAsync("apply", "--server-side", "--force-conflicts", "--validate=strict", "--dry-run=server", "-f", cluster.Folder["release.yaml"]);

            Assert.Equal(manifests.Count, said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    [Fact]
    public async Task An_API_server_takes_every_sample()
    {
        await using var cluster = await TestCluster.StartAsync();
        var files = Directory.GetFiles(Path.Combine(SharedFiles.RepositoryRoot, "config", "samples"), "*.yaml", SearchOption.AllDirectories);

        Assert.True(files.Length >= 13);
        foreach (var file in files)
        {
            await cluster.Kubectl.RunAsync("apply", "--validate=strict", "--dry-run=server", "-f", file);
        }
    }

    [Fact]
    public async Task The_operator_of_the_chart_works_with_the_rights_of_the_chart()
    {
        using var image = new TemporaryFolder();
        File.CreateSymbolicLink(image["dylora-operator"], Programs.Operator);
        await using var cluster = await TestCluster.StartAsync("--image", $"dylora-operator={image.FullPath}");
        await cluster.Kubectl.RunAsync("create", "namespace", "dylora-system");

        // Pods and Services of a sandbox share the ports of one machine: one replica, and every release on ports of its own.
        var (manifests, servicePort) = await ReleaseAsync(cluster);
        await cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("clock")));
        await UntilReadyAsync(cluster, "clock");
        await TestReleaseAsync(cluster, manifests, servicePort);
        var served = await RoutersAsync(cluster);

        // An upgrade: another pod takes over, and routers never notice.
        await ReleaseAsync(cluster);
        Assert.Equal(served, await RoutersAsync(cluster));
        await cluster.Kubectl.ApplyAsync(Manifests.Skill("units", seed: 2));
        await UntilReadyAsync(cluster, "units");
        await UntilReadyAsync(cluster, "clock");
    }

    [Fact]
    public async Task An_operator_of_one_namespace_has_no_right_outside_it()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Kubectl.RunAsync("create", "namespace", "dylora-system");
        await cluster.Kubectl.RunAsync("create", "namespace", "team");
        await InstallAsync(cluster, YamlJson.Read(Renderer.Template(ChartCases.Namespaced)).Where(manifest => !manifest.IsHook() && manifest.Kind() != "Deployment"));

        const string Account = "system:serviceaccount:dylora-system:dylora-operator";
        Assert.Equal("yes", May("team", "create", "jobs.batch"));
        Assert.Equal("yes", May("dylora-system", "create", "leases.coordination.k8s.io"));
        Assert.Equal("no", May("default", "create", "jobs.batch"));
        Assert.Equal("no", May("default", "list", "skills.dylora.dev"));
        Assert.Equal("no", May("team", "get", "secrets"));
        Assert.Equal("no", May("dylora-system", "get", "secrets"));

        string May(string ns, string verb, string resource)
        {
            // kubectl ends with 1 when the answer is no.
            var (_, output, _) = ChildProcess.Run("kubectl", ["--kubeconfig", cluster.KubeConfig, "auth", "can-i", verb, resource, "--namespace", ns, "--as", Account]);
            return output.Trim();
        }
    }

    private static async Task<(IReadOnlyList<JsonObject> Manifests, int ServicePort)> ReleaseAsync(TestCluster cluster)
    {
        var servicePort = FreePort.Next();
        var values = new ChartCase("sandbox") { Set = ["operator.replicas=1", $"metrics.port={FreePort.Next()}", "runtime.image.repository=dylora-stub", "runtime.image.tag=test", "operator.options.trafficSeconds=1"] };
        var manifests = YamlJson.Read(Renderer.Template(values));
        manifests.Single(manifest => manifest.Kind() == "Service")["spec"]!["ports"]![0]!["port"] = servicePort;
        await InstallAsync(cluster, manifests.Where(manifest => !manifest.IsHook()));
        await cluster.Kubectl.RunAsync("-n", "dylora-system", "rollout", "status", "deployment/dylora-operator", "--timeout=100s");
        return (manifests, servicePort);
    }

    // The pod of `helm test`; a sandbox has no names for Services, so it asks their address.
    private static async Task TestReleaseAsync(TestCluster cluster, IReadOnlyList<JsonObject> manifests, int servicePort)
    {
        var test = manifests.Single(manifest => manifest.IsHook());
        var service = await cluster.Client.CoreV1.ReadNamespacedServiceAsync("dylora-operator-metrics", "dylora-system");
        var arguments = test["spec"]!["containers"]![0]!["args"]!.AsArray();
        Assert.Matches("^http://dylora-operator-metrics\\.dylora-system\\.svc:[0-9]+/readyz$", (string)arguments[1]!);
        arguments[1] = $"http://{service.Spec.ClusterIP}:{servicePort}/readyz";
        await InstallAsync(cluster, [test]);
        await cluster.Kubectl.RunAsync("-n", "dylora-system", "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/dylora-operator-test-ready", "--timeout=100s");
    }

    private static async Task UntilReadyAsync(TestCluster cluster, string skill) =>
        await new Resource(cluster.Client, "skills").UntilAsync(skill, each => each.IsReady(), TimeSpan.FromMinutes(3), "to be ready");

    private static async Task<IReadOnlyList<string>> RoutersAsync(TestCluster cluster)
    {
        var pods = await cluster.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: "app.kubernetes.io/component=router");
        return [.. pods.Items.Where(pod => pod.Metadata.DeletionTimestamp is null).Select(pod => pod.Metadata.Uid).Order(StringComparer.Ordinal)];
    }

    private static async Task InstallAsync(TestCluster cluster, IEnumerable<JsonObject> manifests)
    {
        await File.WriteAllTextAsync(cluster.Folder["release.yaml"], List(manifests));
        await cluster.Kubectl.RunAsync("apply", "--server-side", "--force-conflicts", "-f", cluster.Folder["release.yaml"]);
    }

    private static string List(IEnumerable<JsonObject> manifests) =>
        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. manifests.Select(manifest => manifest.DeepClone())]) }.ToJsonString();
}
