using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Install.Tests;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>
/// From the chart and the programs of the previous version to those of this one, as docs/operations/install.md says, while clients ask. Nothing here is a stub:
/// the previous version is built from the history of the clone.
/// </summary>
public sealed class UpgradeTests(ITestOutputHelper output)
{
    private const string Namespace = "dylora-system";
    private const string Previous = "previous";
    private const string Current = "current";
    private const int Replicas = 2;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _build = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task Skills_that_are_served_survive_an_upgrade_of_the_chart_and_no_request_fails()
    {
        var previous = await BuildPreviousAsync();
        var (old, bin) = (Path.Combine(previous, "images"), Path.Combine(SharedFiles.RepositoryRoot, "bin"));
        await using var cluster = await TestCluster.StartBareAsync(
            "--image", $"dylora-operator:{Previous}={old}", "--image", $"dylora-runtime:{Previous}={old}",
            "--image", $"dylora-operator:{Current}={bin}", "--image", $"dylora-runtime:{Current}={bin}");
        await cluster.Kubectl.RunAsync("create", "namespace", Namespace);
        await ReleaseAsync(cluster, Path.Combine(previous, "charts", "dylora-moe"), Previous);
        await cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Backbone, Skill("reverse", 1), Skill("sum", 2)));
        await ServedAsync(cluster, experts: 2);
        var (things, rolls) = (await ThingsAsync(cluster), await RollsAsync(cluster));
        Assert.Equal(5, things.Count);
        var service = await cluster.Client.CoreV1.ReadNamespacedServiceAsync("tiny-router", "default");
        await using var load = RequestLoad.Start(new Uri($"http://{service.Spec.ClusterIP}:{service.Spec.Ports[0].Port}"), new LoadOptions { PerSecond = 5 });

        // Operator and runtime: one roll, of the same set.
        await ReleaseAsync(cluster, Renderer.ChartFolder, Current);
        await UntilAsync(async () => await RoutersAsync(cluster) is var all && all.Count == Replicas && all.All(pod => pod.IsReady && pod.Image.EndsWith(':' + Current)), "routers of the new runtime");
        await ServedAsync(cluster, experts: 2);
        Assert.Equal(things, await ThingsAsync(cluster));
        await StillValidAsync(cluster);

        // Another pod of the same operator finds nothing to change, and goes on where the one before was: the roll that comes is of the set with a new skill.
        var routers = await RoutersAsync(cluster);
        await ReleaseAsync(cluster, Renderer.ChartFolder, Current);
        Assert.Equal(routers, await RoutersAsync(cluster));
        await cluster.Kubectl.ApplyAsync(Skill("echo", 3));
        await ServedAsync(cluster, experts: 3);
        Assert.Subset((await ThingsAsync(cluster)).ToHashSet(), things.Skip(1).ToHashSet());
        Assert.Equal(rolls + 2, await RollsAsync(cluster));

        var report = await load.StopAsync();
        output.WriteLine($"{report.Sent} requests, {report.Answered} answered, {report.Failed} failed, {report.Open} open");
        Assert.Equal([], report.Faults);
        Assert.Equal((report.Sent, 0, 0), (report.Answered, report.Failed, report.Open));
    }

    private static string Backbone { get; } = $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Backbone
        metadata: {name: tiny}
        spec:
          source: {builtin: dylora-tiny}
          store: {persistentVolumeClaim: {claimName: artifacts} }
          lora: {rank: 4, largestRank: 4, mode: Full}
          training: {recipe: {steps: 20} }
          serving: {replicas: {{Replicas}} }
        """;

    private static string Skill(string name, int seed) => Manifests.Skill(name, seed: seed, more: "novelty: {mode: Novel}");

    private static async Task<string> BuildPreviousAsync()
    {
        await using var build = ManagedProcess.Start(Path.Combine(SharedFiles.RepositoryRoot, "eng", "previous-version.sh"), []);
        return await build.LineAsync(Directory.Exists, _build);
    }

    /// <summary>Definitions first, then the rest, as Helm does it; then the operator is waited for. Pods of a sandbox share the ports of one machine: one replica, and every release on ports of its own.</summary>
    private static async Task ReleaseAsync(TestCluster cluster, string chart, string tag)
    {
        var values = new ChartCase("upgrade")
        {
            Chart = chart,
            Set = ["operator.replicas=1", $"metrics.port={FreePort.Next()}", $"operator.image.tag={tag}", $"runtime.image.tag={tag}"],
        };
        var manifests = YamlJson.Read(Renderer.Template(values)).Where(manifest => !manifest.IsHook()).ToList();
        manifests.Single(manifest => manifest.Kind() == "Service")["spec"]!["ports"]![0]!["port"] = FreePort.Next();
        var definitions = manifests.Where(manifest => manifest.Kind() == "CustomResourceDefinition").ToList();
        await ApplyAsync(cluster, definitions);
        await cluster.Kubectl.RunAsync(["wait", "--for=condition=Established", "--timeout=60s", .. definitions.Select(definition => $"crd/{Manifest.Name(definition)}")]);
        await ApplyAsync(cluster, manifests.Except(definitions));
        await cluster.Kubectl.RunAsync("-n", Namespace, "rollout", "status", "deployment/dylora-operator", "--timeout=110s");
    }

    private static async Task ApplyAsync(TestCluster cluster, IEnumerable<JsonObject> manifests)
    {
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. manifests.Select(manifest => manifest.DeepClone())]) };
        await File.WriteAllTextAsync(cluster.Folder["release.yaml"], list.ToJsonString());
        await cluster.Kubectl.RunAsync("apply", "--server-side", "--force-conflicts", "-f", cluster.Folder["release.yaml"]);
    }

    private static async Task ServedAsync(TestCluster cluster, int experts)
    {
        await new Resource(cluster.Client, "loraexperts").UntilAsync(all => all.Count == experts && all.All(expert => expert.IsReady() && expert.Has("Served", "True")), _patience, "served experts");
        await new Resource(cluster.Client, "skills").UntilAsync(all => all.All(skill => skill.IsReady()), _patience, "skills to be ready");
        await new Resource(cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady() && item.Has("RolledOut", "True"), _patience, "Ready");
    }

    // What must not be lost, a line each; the Backbone is the first.
    private static async Task<IReadOnlyList<string>> ThingsAsync(TestCluster cluster)
    {
        List<string> things = [];
        foreach (var backbone in await new Resource(cluster.Client, "backbones").ListAsync())
        {
            things.Add($"backbone {Uid(backbone)} ready {backbone.IsReady()} revision {backbone.Status("activeRevision")}");
        }

        foreach (var skill in await new Resource(cluster.Client, "skills").ListAsync())
        {
            things.Add($"skill {Uid(skill)} ready {skill.IsReady()} {skill.Status("novelty", "decision")} {skill.Status("expertRef", "name")} {skill.Status("dataset", "digest")}");
        }

        foreach (var expert in await new Resource(cluster.Client, "loraexperts").ListAsync())
        {
            things.Add($"expert {Uid(expert)} ready {expert.IsReady()} version {expert.Status("artifact", "version")} {expert.Status("artifact", "digest")}");
        }

        return things;

        static string Uid(JsonObject item) => $"{ResourceReading.Name(item)} {item["metadata"]!["uid"]}";
    }

    // What the server would say to each object as it is stored, were it written now.
    private static async Task StillValidAsync(TestCluster cluster)
    {
        foreach (var kind in new[] { "backbones", "skills", "loraexperts" })
        {
            await File.WriteAllTextAsync(cluster.Folder["stored.json"], await cluster.Kubectl.RunAsync("get", kind, "-o", "json"));
            await cluster.Kubectl.RunAsync("replace", "--dry-run=server", "--validate=strict", "-f", cluster.Folder["stored.json"]);
        }
    }

    private static async Task<IReadOnlyList<(string Uid, string Image, bool IsReady)>> RoutersAsync(TestCluster cluster)
    {
        var pods = await cluster.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: "app.kubernetes.io/component=router");
        return [.. pods.Items.Where(pod => pod.Metadata.DeletionTimestamp is null).Select(pod => (pod.Uid(), pod.Spec.Containers[0].Image, pod.Status?.Conditions?.Any(each => each is { Type: "Ready", Status: "True" }) == true))];
    }

    // How often pods were replaced by others.
    private static async Task<int> RollsAsync(TestCluster cluster)
    {
        var deployment = await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("tiny-router", "default");
        return int.Parse(deployment.Metadata.Annotations["deployment.kubernetes.io/revision"], CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var end = new CancellationTokenSource(_patience);
        while (!await isSo())
        {
            Assert.False(end.IsCancellationRequested, $"Waited {_patience} for {what}.");
            await Task.Delay(200, CancellationToken.None);
        }
    }
}
