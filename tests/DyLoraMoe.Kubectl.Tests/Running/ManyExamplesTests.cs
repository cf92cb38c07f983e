using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Kubectl.Tests.Running;

/// <summary>Examples that are too many for the Skill itself, taught by the plugin to a cluster with the operator.</summary>
public sealed class ManyExamplesTests(LearningCluster cluster) : IClassFixture<LearningCluster>
{
    private const int Many = 20_000;

    [Fact]
    public async Task They_go_through_a_config_map_that_goes_with_the_skill()
    {
        var learnt = await cluster.RunAsync("learn", cluster.Examples("many", count: Many), "--backbone", "tiny");

        Assert.True(learnt.Code == 0, learnt.All);
        var map = Assert.Single(await MapsAsync("many"));
        Assert.Contains($"bytes in the ConfigMap {map.Name()}, for", learnt.Output, StringComparison.Ordinal);
        Assert.Equal("Skill/many", OwnerOf(map));

        var refused = await cluster.RunAsync("learn", cluster.Examples("too-many", count: 80_000), "--backbone", "tiny");
        Assert.Equal(1, refused.Code);
        Assert.Contains("at most 921,600 go through the cluster's API", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_ones_are_waited_for_and_take_the_place_of_those_of_before()
    {
        var first = await LearnAsync(0, "--wait");
        Assert.EndsWith("Serving: Expert grown serves it.\n", first.Output, StringComparison.Ordinal);
        var old = Assert.Single(await MapsAsync("grown"));

        var second = await LearnAsync(1, "--wait");

        Assert.EndsWith("Serving: Expert grown serves it.\n", second.Output, StringComparison.Ordinal);
        Assert.Equal(2, (int)(await cluster.Experts.FindAsync("grown")).Status("artifact", "version")!);
        var now = Assert.Single(await MapsAsync("grown"));
        Assert.NotEqual(old.Name(), now.Name());

        // Nobody has waited until the operator let go of that one.
        await LearnAsync(2);
        Assert.Equal(2, (await MapsAsync("grown")).Count);
        Assert.Contains(await MapsAsync("grown"), map => map.Name() == now.Name());

        async Task<Outcome> LearnAsync(int seed, params string[] args)
        {
            var outcome = await cluster.RunAsync(["learn", cluster.Examples("grown", count: Many, seed: seed), "--backbone", "tiny", .. args]);
            Assert.True(outcome.Code == 0, outcome.All);
            return outcome;
        }
    }

    [Fact]
    public async Task What_is_refused_changes_nothing_of_what_is_taught()
    {
        Assert.Equal(0, (await cluster.RunAsync("learn", cluster.Examples("held", count: Many), "--backbone", "tiny")).Code);
        var before = Assert.Single(await MapsAsync("held"));
        await cluster.Kubectl.RunAsync("patch", "skill", "held", "--type=merge", "--field-manager=gitops", "-p", """{"spec":{"heldOutPercent":25}}""");

        var refused = await cluster.RunAsync("learn", cluster.Examples("held", count: Many, seed: 1), "--backbone", "tiny", "--held-out", "30");

        Assert.Equal(1, refused.Code);
        Assert.Contains("Somebody else owns what would be changed", refused.Errors, StringComparison.Ordinal);
        var after = Assert.Single(await MapsAsync("held"));
        Assert.Equal((before.Name(), (string)before["metadata"]!["resourceVersion"]!, "Skill/held"), (after.Name(), (string)after["metadata"]!["resourceVersion"]!, OwnerOf(after)));
    }

    [Fact]
    public async Task What_broke_off_is_made_good_by_the_same_command_again()
    {
        var (kubeconfig, maps) = (cluster["faulty.kubeconfig"], 0);
        await using var api = await FaultyApi.StartAsync(cluster.Kubeconfig, kubeconfig);
        string[] learn = ["learn", cluster.Examples("broken-off", count: Many), "--backbone", "tiny", "--kubeconfig", kubeconfig];
        api.Faults = new()
        {
            // The first is made without an owner, the second tells of the owner.
            BeforeWrite = (_, call) => call.Contains("/configmaps/", StringComparison.Ordinal) && ++maps == 2 ? throw new IOException("It broke off.") : Task.CompletedTask,
        };

        Assert.Equal(1, (await cluster.RunAsync(learn)).Code);
        Assert.Equal("", OwnerOf(Assert.Single(await MapsAsync("broken-off"))));
        api.Faults = Faults.None;
        Assert.Equal(0, (await cluster.RunAsync(learn)).Code);

        Assert.Equal("Skill/broken-off", OwnerOf(Assert.Single(await MapsAsync("broken-off"))));

        // From now on there is no moment without an owner.
        var (before, skills) = (Assert.Single(await MapsAsync("broken-off")).Name(), 0);
        api.Faults = new() { BeforeWrite = (_, call) => call.EndsWith("/skills/broken-off", StringComparison.Ordinal) && ++skills == 2 ? throw new IOException("It broke off.") : Task.CompletedTask };
        Assert.Equal(1, (await cluster.RunAsync(["learn", cluster.Examples("broken-off", count: Many, seed: 1), .. learn[2..]])).Code);
        Assert.All(await MapsAsync("broken-off"), map => Assert.Equal("Skill/broken-off", OwnerOf(map)));
        Assert.Equal(before, (string?)(await cluster.Skills.FindAsync("broken-off"))!["spec"]!["data"]!["configMapRef"]!["name"]);
    }

    private async Task<IReadOnlyList<JsonObject>> MapsAsync(string skill) =>
        [.. JsonNode.Parse(await cluster.Kubectl.RunAsync("get", "configmaps", "-l", $"dylora.dev/skill={skill},app.kubernetes.io/managed-by=kubectl-dylora", "-o", "json"))!["items"]!.AsArray().Select(map => map!.AsObject())];

    private static string OwnerOf(JsonObject map) => map["metadata"]!["ownerReferences"]?.AsArray() is [var owner] ? $"{owner!["kind"]}/{owner["name"]}" : "";
}
