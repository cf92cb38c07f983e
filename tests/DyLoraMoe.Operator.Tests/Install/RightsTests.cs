using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.Disturbed;
using DyLoraMoe.Operator.Tests.World;
using DyLoraMoe.Testing.Resources;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Operator.Tests.Install;

/// <summary>config/rbac grants what the operator does, and nothing else.</summary>
public sealed class RightsTests
{
    // What the calls of the controllers themselves do not show.
    private static readonly Access[] _reasoned =
    [
        // KubeOps reads an object before each visit that was put off.
        Access.To("get", typeof(Backbone)),
        Access.To("get", typeof(Skill)),
        Access.To("get", typeof(LoraExpert)),
        Access.To("get", typeof(Consolidation)),
        Access.To("get", typeof(Growth)),
    ];

    [Fact]
    public async Task The_cluster_role_grants_what_the_operator_does_and_nothing_else()
    {
        using var world = new OperatorWorld();
        await Scenario.LongAsync(world);
        world.Sleep();
        world.Grow();
        await RestAsync(world);
        await Traffic.SkillProposalsTests.ProposeOneAsync(world);
        await Jobs.KueueTests.WaitAsync(world);

        Assert.Equal(new SortedSet<Access>(world.Server.Calls.Concat(_reasoned)), Granted("config/rbac/cluster_role.yaml"));
    }

    [Fact]
    public async Task A_role_that_the_operator_makes_grants_no_more_than_the_operator_holds()
    {
        using var world = new OperatorWorld();
        await Scenario.ShortAsync(world);

        var roles = world.Server.All<V1Role>().ToList();
        Assert.NotEmpty(roles);
        Assert.Subset(Granted("config/rbac/cluster_role.yaml"), Expand(roles.SelectMany(role => role.Rules).Select(rule => (rule.ApiGroups, rule.Resources, rule.Verbs))));
    }

    [Fact]
    public void Replicas_may_hold_their_lease()
    {
        var role = Documents("config/rbac/leader_election.yaml").Single(document => (string)document["kind"]! == "Role");

        Assert.Equal(
            [new("create", "coordination.k8s.io", "leases"), new("get", "coordination.k8s.io", "leases"), new("update", "coordination.k8s.io", "leases")],
            Rules(role));
        Assert.Equal("dylora-operator-leader", (string)role["rules"]![1]!["resourceNames"]![0]!);
    }

    [Fact]
    public void Bindings_name_the_account_of_the_deployment()
    {
        var deployment = Documents("config/manager/deployment.yaml").Single();
        var (account, ns) = ((string)deployment["spec"]!["template"]!["spec"]!["serviceAccountName"]!, (string)deployment["metadata"]!["namespace"]!);
        var bindings = Documents("config/rbac/cluster_role_binding.yaml").Concat(Documents("config/rbac/leader_election.yaml")).Where(document => document["subjects"] is not null).ToList();

        Assert.Equal(2, bindings.Count);
        Assert.All(bindings, binding => Assert.Equal((account, ns), ((string)binding["subjects"]![0]!["name"]!, (string)binding["subjects"]![0]!["namespace"]!)));
        Assert.Equal((account, ns), ((string)Documents("config/rbac/service_account.yaml").Single()["metadata"]!["name"]!, (string)Documents("config/manager/namespace.yaml").Single()["metadata"]!["name"]!));
    }

    [Fact]
    public void The_world_of_these_tests_has_the_caches_of_the_product()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new Kubernetes(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        var product = new KubernetesCluster(new KubernetesRest(client, metrics, NullLogger<KubernetesRest>.Instance), new(), TimeProvider.System, new Random(0), NullLogger<KubernetesCluster>.Instance);
        using var world = new OperatorWorld();

        Assert.Equal(product.Reflectors.Select(reflector => reflector.Plural).Order(StringComparer.Ordinal), world.Cluster.Kinds.Select(kind => ResourceKind.Of(kind).Plural).Order(StringComparer.Ordinal));
    }

    // What a common life leaves out.
    private static async Task RestAsync(OperatorWorld world)
    {
        world.Server.Create(new V1ConfigMap { Metadata = new() { Name = "samples", NamespaceProperty = OperatorWorld.Namespace }, Data = new Dictionary<string, string> { ["samples.jsonl"] = "given" } });
        world.Learn("given", change: spec => spec.Data = new() { ConfigMapRef = new() { Name = "samples", Key = "samples.jsonl" } });
        world.Apply(spec => spec.Serving.Autoscaling = new() { MinReplicas = 2, MaxReplicas = 3 });
        await world.SettleAsync();
        world.Apply();
        await world.SettleAsync();

        // Another backbone, with accounts of its own, is deleted again; its work is called off.
        world.JobsEnd = false;
        world.Learn("late");
        await world.SettleAsync();
        world.Learn("late", "after all not");
        await world.SettleAsync();
        world.Server.Create(new V1ServiceAccount { Metadata = new() { Name = "own", NamespaceProperty = OperatorWorld.Namespace } });
        world.Server.Create(new Backbone
        {
            Metadata = new() { Name = "other", NamespaceProperty = OperatorWorld.Namespace },
            Spec = new()
            {
                Source = new() { Builtin = "dylora-tiny" },
                Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts", Path = "other" } },
                Training = new() { ServiceAccountName = "own" },
            },
        });
        await world.SettleAsync();
    }

    private static SortedSet<Access> Granted(string file) => Rules(Documents(file).Single());

    private static SortedSet<Access> Rules(JsonObject role) =>
        Expand(role["rules"]!.AsArray().Select(rule => (Texts(rule!["apiGroups"]), Texts(rule["resources"]), Texts(rule["verbs"]))));

    private static SortedSet<Access> Expand(IEnumerable<(IList<string> Groups, IList<string> Resources, IList<string> Verbs)> rules) =>
        [.. from rule in rules from verb in rule.Verbs from @group in rule.Groups from resource in rule.Resources select new Access(verb, @group, resource)];

    private static IList<string> Texts(JsonNode? list) => [.. list!.AsArray().Select(each => (string)each!)];

    private static IReadOnlyList<JsonObject> Documents(string file) => YamlJson.Read(Repository.Read(file));
}
