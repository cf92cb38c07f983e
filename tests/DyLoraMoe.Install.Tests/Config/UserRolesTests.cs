using System.Text.Json.Nodes;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>What people may do who have one of the roles, and nothing else.</summary>
public sealed class UserRolesTests
{
    private static readonly string[] _kinds = ["backbones", "skills", "loraexperts", "consolidations", "growths"];
    private static readonly string[] _read = ["get", "list", "watch"];
    private static readonly string[] _write = ["create", "update", "patch", "delete", "deletecollection"];

    private static readonly Dictionary<string, IReadOnlyList<JsonObject>> _sources = new()
    {
        ["chart"] = YamlJson.Read(Renderer.Template(ChartCases.Defaults)),
        ["config"] = KustomizeTests.Kustomize("."),
    };

    public static TheoryData<string> Sources => [.. _sources.Keys];

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_role_that_is_bound_alone_suffices(string source)
    {
        Assert.All(_kinds, kind =>
        {
            Assert.Equal(_read.Order(), Verbs(source, "dylora-view", kind));
            Assert.Equal(_read.Concat(_write).Order(), Verbs(source, "dylora-edit", kind));
            Assert.Equal(_read.Concat(_write).Order(), Verbs(source, "dylora-admin", kind));
            Assert.Equal(["get", "patch", "update"], Verbs(source, "dylora-admin", kind + "/status"));
            Assert.Empty(Verbs(source, "dylora-edit", kind + "/status"));
        });
        Assert.All(["dylora-edit", "dylora-admin"], role => Assert.Equal(["get", "patch", "update"], Verbs(source, role, "backbones/scale")));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_roles_of_Kubernetes_take_them_in(string source)
    {
        Assert.Equal(["admin", "edit", "view"], TakenInBy(source, "dylora-view"));
        Assert.Equal(["admin", "edit"], TakenInBy(source, "dylora-edit"));
        Assert.Equal(["admin"], TakenInBy(source, "dylora-admin"));
    }

    [Fact]
    public void Chart_and_config_grant_the_same() =>
        Assert.All(["dylora-view", "dylora-edit", "dylora-admin"], role => Assert.Equal(Role("config", role)["rules"]!.ToJsonString(), Role("chart", role)["rules"]!.ToJsonString()));

    private static IEnumerable<string> Verbs(string source, string role, string resource) =>
        Role(source, role)["rules"]!.AsArray().Where(rule => rule!["resources"].Texts().Contains(resource)).SelectMany(rule => rule!["verbs"].Texts()).Order();

    private static IEnumerable<string> TakenInBy(string source, string role) =>
        Role(source, role)["metadata"]!["labels"]!.AsObject().Select(label => label.Key.Split("/aggregate-to-")).Where(parts => parts.Length == 2).Select(parts => parts[1]).Order();

    private static JsonObject Role(string source, string name) => _sources[source].Single(manifest => manifest.Kind() == "ClusterRole" && manifest.Name() == name);
}
