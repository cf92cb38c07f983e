using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using KubeOps.KubernetesClient.Selectors;
using KubeOps.Tests.Fakes;
using ObjectClient = KubeOps.KubernetesClient.KubernetesClient;

namespace KubeOps.Tests.Client;

public sealed class ClientTests : IAsyncLifetime
{
    private FakeApiServer _server = null!;
    private ObjectClient _client = null!;

    // The interface has members the class does not show.
    private IKubernetesClient Client => _client;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _client = new ObjectClient(_server.Configuration);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_object_is_made_read_changed_and_deleted()
    {
        var made = await Client.CreateAsync(Thing.Named("a", 1));
        Assert.NotNull(made.Metadata.Uid);
        made.Spec.Value = 2;
        await Client.UpdateAsync(made);
        Assert.Equal(2, (await Client.GetAsync<Thing>("a", "default"))!.Spec.Value);
        await Client.DeleteAsync(made);
        Assert.Null(await Client.GetAsync<Thing>("a", "default"));
    }

    [Fact]
    public async Task Built_in_kinds_of_the_core_group_are_at_their_own_path()
    {
        await Client.CreateAsync(new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta { Name = "map", NamespaceProperty = "default" },
            Data = new Dictionary<string, string> { ["key"] = "value" },
        });
        Assert.Equal("value", (await Client.GetAsync<V1ConfigMap>("map", "default"))!.Data["key"]);
        Assert.Equal(1, _server.Count("POST /api/v1/namespaces/default/configmaps"));
    }

    [Fact]
    public async Task Selectors_choose_what_is_listed()
    {
        await Client.CreateAsync(Thing.Named("red", color: "red"));
        await Client.CreateAsync(Thing.Named("blue", color: "blue"));
        await Client.CreateAsync(Thing.Named("plain", @namespace: "other"));

        Assert.Equal(3, (await Client.ListAsync<Thing>()).Count);
        Assert.Equal(2, (await Client.ListAsync<Thing>("default")).Count);
        var red = await Client.ListAsync<Thing>("default", new EqualsLabelSelector("color", "red"));
        Assert.Equal("red", Assert.Single(red).Metadata.Name);
        Assert.Equal(2, (await Client.ListAsync<Thing>(null, new ExistsLabelSelector("color"))).Count);
        var named = await Client.ListAsync<Thing>("default", fieldSelector: "metadata.name=blue");
        Assert.Equal("blue", Assert.Single(named).Metadata.Name);
    }

    [Fact]
    public async Task A_status_is_written_by_itself()
    {
        var thing = await Client.CreateAsync(Thing.Named("a", 1));
        thing.Spec.Value = 9;
        thing.Status.Seen = 1;
        await Client.UpdateStatusAsync(thing);
        var stored = (await Client.GetAsync<Thing>("a", "default"))!;
        Assert.Equal((1, 1), (stored.Spec.Value, stored.Status.Seen));
    }

    [Fact]
    public async Task A_stale_write_is_a_conflict()
    {
        var thing = await Client.CreateAsync(Thing.Named("a", 1));
        await Client.UpdateAsync(thing);
        var error = await Assert.ThrowsAsync<HttpOperationException>(() => Client.UpdateAsync(thing));
        Assert.Equal(HttpStatusCode.Conflict, error.Response.StatusCode);
    }

    [Fact]
    public async Task Saving_makes_what_is_not_there_and_changes_what_is()
    {
        await Client.SaveAsync(Thing.Named("a", 1));
        await Client.SaveAsync(Thing.Named("a", 2));
        Assert.Equal(2, (await Client.GetAsync<Thing>("a", "default"))!.Spec.Value);
    }

    [Fact]
    public async Task A_merge_patch_changes_what_it_names()
    {
        var thing = await Client.CreateAsync(Thing.Named("a", 1, color: "red"));
        var patched = await Client.PatchAsync(thing, new V1Patch("""{"spec":{"value":5}}""", V1Patch.PatchType.MergePatch));
        Assert.Equal(5, patched.Spec.Value);
        Assert.Equal("red", patched.Metadata.Labels["color"]);
    }

    [Fact]
    public async Task A_watch_tells_of_changes_from_a_version_on()
    {
        var first = await Client.CreateAsync(Thing.Named("a", 1));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await using var events = Client.WatchAsync<Thing>(
            "default", first.Metadata.ResourceVersion, cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
        first.Spec.Value = 2;
        await Client.UpdateAsync(first);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((WatchEventType.Modified, 2), (events.Current.Type, events.Current.Entity.Spec.Value));
    }
}
