using DyLoraMoe.ClusterHarness;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>A cluster with a life in it that has a known end: two new skills, one that is covered, one that extends, one that is refused.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private Scene(TestCluster cluster, FaultyApi api, string kubeConfig) => (Cluster, Api, KubeConfig) = (cluster, api, kubeConfig);

    private static readonly string _first = Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("reverse", "takes 0.5"), Manifests.Skill("sum"));

    private static readonly string _second = Manifests.All(
        Manifests.Skill("backwards", "extends reverse"), Manifests.Skill("same", "covered-by sum"), Manifests.Skill("harmful", "regresses reverse"));

    public TestCluster Cluster { get; }

    public Resource Skills => new(Cluster.Client, "skills");

    /// <summary>The API as the operator sees it.</summary>
    public FaultyApi Api { get; }

    /// <summary>How the operator reaches <see cref="Api"/>.</summary>
    public string KubeConfig { get; }

    public static async Task<Scene> StartAsync(int seed)
    {
        var cluster = await TestCluster.StartAsync();
        var kubeConfig = cluster.Folder["faulty"];
        return new Scene(cluster, await FaultyApi.StartAsync(cluster.KubeConfig, kubeConfig, seed), kubeConfig);
    }

    /// <summary>Tells the story as people would, past whatever stands between the operator and the API, and waits for its end.</summary>
    /// <param name="patience">How long each half of it may take.</param>
    /// <param name="during">What to do while its first half goes on; its end is waited for.</param>
    public async Task PlayAsync(TimeSpan patience, Func<Task>? during = null)
    {
        await Cluster.Kubectl.ApplyAsync(_first);
        await (during?.Invoke() ?? Task.CompletedTask);
        await Skills.UntilAsync(all => new[] { "reverse", "sum" }.All(name => all.Any(skill => skill.Name() == name && skill.IsReady())), patience, "the first skills to be ready");

        await Cluster.Kubectl.ApplyAsync(_second);
        string[] ready = ["reverse", "sum", "backwards", "same"];
        await Skills.UntilAsync(
            all => ready.All(name => all.Any(skill => skill.Name() == name && skill.IsReady())) && all.Any(skill => skill.Name() == "harmful" && skill.Has("Ready", "False", "RegressionRefused")),
            patience,
            "all skills to settle");
        await new Resource(Cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady(), patience, "Ready");
    }

    /// <summary>What every run ends in, disturbed or not.</summary>
    public async Task RequireUndisturbedStateAsync()
    {
        var experts = await new Resource(Cluster.Client, "loraexperts").ListAsync();
        Assert.Equal(["harmful", "reverse", "sum"], experts.Select(expert => expert.Name()).Order(StringComparer.Ordinal));
        var backbone = await new Resource(Cluster.Client, "backbones").FindAsync("tiny");
        Assert.Equal(2, (int)backbone.Status("experts")!);
        Assert.True(backbone.Has("RolledOut", "True"));
        await RequireOneJobPerInputAsync();
    }

    /// <summary>No two jobs have the same request.</summary>
    public async Task RequireOneJobPerInputAsync()
    {
        var requests = await Cluster.Client.CoreV1.ListNamespacedConfigMapAsync("default", labelSelector: "dylora.dev/job-kind");
        Assert.Distinct(requests.Items.Where(item => item.Data?.ContainsKey("request.json") == true).Select(item => item.Data["request.json"]));
    }

    /// <summary>Name of a pod of a job of that kind that runs.</summary>
    public async Task<string> RunningPodAsync(string kind, TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        while (true)
        {
            var pods = await Cluster.Client.CoreV1.ListNamespacedPodAsync("default", cancellationToken: end.Token);
            var running = pods.Items.FirstOrDefault(pod =>
                pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase == "Running" && pod.Labels()?.TryGetValue("dylora.dev/job-kind", out var found) == true && string.Equals(found, kind, StringComparison.OrdinalIgnoreCase));
            if (running is not null)
            {
                return running.Name();
            }

            await Task.Delay(50, end.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
