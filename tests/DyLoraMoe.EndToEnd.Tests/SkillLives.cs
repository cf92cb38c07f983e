using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>Lives of skills from <c>kubectl apply</c> to a set that serves, with jobs that learn nothing and take no time: each in a namespace of its own, with a Backbone.</summary>
public abstract class SkillLives(SharedCluster shared) : IClassFixture<SharedCluster>, IAsyncLifetime
{
    private protected static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private protected SharedCluster Shared => shared;

    private protected TestNamespace Namespace { get; private set; } = null!;

    private protected Kubectl Kubectl => Namespace.Kubectl;

    private protected Resource Skills => Namespace.Resource("skills");

    private protected Resource Experts => Namespace.Resource("loraexperts");

    private protected Resource Backbones => Namespace.Resource("backbones");

    public async ValueTask InitializeAsync()
    {
        Namespace = await TestNamespace.CreateAsync(shared.Cluster);
        await Namespace.StartOperatorAsync(("DYLORA_TRAFFIC_SECONDS", "1"));
        await Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone()));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Namespace.DisposeAsync();
    }

    private protected async Task Ready(params string[] names)
    {
        foreach (var name in names)
        {
            await Skills.UntilAsync(name, skill => skill.IsReady(), _patience, "Ready");
        }
    }
}
