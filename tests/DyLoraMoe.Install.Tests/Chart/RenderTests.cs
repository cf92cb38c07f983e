using System.Text.Json.Nodes;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>What comes out of the chart, for every set of values that people use.</summary>
public sealed class RenderTests
{
    private static readonly string[] _withoutNamespace = ["CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"];

    public static TheoryData<string> Cases => [.. ChartCases.Good.Select(values => values.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Manifests_are_whole_and_told_apart(string name)
    {
        var (values, manifests) = Render(name);

        Assert.NotEmpty(manifests);
        Assert.Distinct(manifests.Select(manifest => manifest.Key()));
        Assert.All(manifests, manifest =>
        {
            Assert.Equal(_withoutNamespace.Contains(manifest.Kind()), manifest.Namespace() is null);
            var labels = manifest["metadata"]!["labels"]!;
            Assert.Equal(values.Release, (string?)labels["app.kubernetes.io/instance"]);
            Assert.Equal("Helm", (string?)labels["app.kubernetes.io/managed-by"]);
            Assert.All(labels.AsObject(), label => Assert.Equal(System.Text.Json.JsonValueKind.String, label.Value!.GetValueKind()));
        });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Manifests_have_no_field_that_Kubernetes_does_not_know(string name)
    {
        foreach (var manifest in Render(name).Manifests.Where(manifest => KubernetesSchema.Knows(manifest)))
        {
            Assert.True(KubernetesSchema.Check(manifest) is not { } error, $"{manifest.Key()}: {KubernetesSchema.Check(manifest)}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Pods_meet_the_restricted_standard(string name) =>
        Assert.All(Render(name).Manifests.Where(manifest => manifest.PodSpec() is not null), manifest => Assert.Equal([], RestrictedStandard.Violations(manifest)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Roles_grant_no_secret_and_nothing_by_wildcard(string name)
    {
        var rules = Render(name).Manifests.Where(manifest => manifest.Kind() is "Role" or "ClusterRole").SelectMany(role => role["rules"]!.AsArray()).ToList();

        Assert.All(rules, rule =>
        {
            Assert.DoesNotContain("secrets", rule!["resources"].Texts());
            Assert.DoesNotContain("*", rule["resources"].Texts().Concat(rule["verbs"].Texts()).Concat(rule["apiGroups"].Texts()));
            Assert.DoesNotContain(rule["verbs"].Texts(), verb => verb is "escalate" or "bind" or "impersonate");
            Assert.DoesNotContain(rule["resources"].Texts(), resource => resource is "pods/exec" or "pods/attach" or "serviceaccounts/token");
        });
    }

    [Fact]
    public void In_one_namespace_nothing_is_granted_outside_it()
    {
        var manifests = Render("the release's own namespace").Manifests;

        Assert.DoesNotContain(manifests, manifest => manifest.Kind() is "ClusterRole" or "ClusterRoleBinding" or "CustomResourceDefinition");
        Assert.All(manifests, manifest => Assert.Equal("team", manifest.Namespace()));
        Assert.Equal("team", Environment(manifests, "DYLORA_NAMESPACE"));
    }

    [Fact]
    public void Roles_of_the_watched_namespace_are_for_the_account_of_the_release()
    {
        var manifests = Render(ChartCases.Namespaced.Name).Manifests;
        var binding = manifests.Single(manifest => manifest is var each && each.Kind() == "RoleBinding" && each.Name() == "dylora-operator");

        Assert.Equal("team", binding.Namespace());
        Assert.Equal("dylora-system", (string?)binding["subjects"]![0]!["namespace"]);
        Assert.Equal("team", Environment(manifests, "DYLORA_NAMESPACE"));
        Assert.DoesNotContain(manifests, manifest => manifest.Kind() == "ClusterRoleBinding");
    }

    [Fact]
    public void Every_image_comes_from_the_mirror_by_digest()
    {
        var manifests = Render("no network but a mirror").Manifests;
        var images = manifests.Select(manifest => manifest.PodSpec()).OfType<JsonObject>().SelectMany(spec => spec["containers"]!.AsArray().Select(container => (string)container!["image"]!)).Append(Environment(manifests, "DYLORA_RUNTIME_IMAGE")!).ToList();

        Assert.Equal(3, images.Count);
        Assert.All(images, image => Assert.Matches("^registry.example.com:5000/mirror/dylora-(operator|runtime)@sha256:[0-9a-f]{64}$", image));
        Assert.All(manifests.Select(manifest => manifest.PodSpec()).OfType<JsonObject>(), spec => Assert.Equal(["mirror", "other"], spec["imagePullSecrets"]!.AsArray().Select(secret => (string)secret!["name"]!)));
    }

    [Fact]
    public void An_image_may_have_a_registry_and_a_tag_of_its_own()
    {
        var manifests = Render("registries of their own").Manifests;

        Assert.Equal("quay.io/acme/dylora-operator:1.2.3", (string?)Deployment(manifests)["containers"]![0]!["image"]);
        Assert.Equal("ghcr.io/dylora-runtime:0.1.0-cpu", Environment(manifests, "DYLORA_RUNTIME_IMAGE"));
    }

    [Fact]
    public void Every_option_becomes_the_variable_that_the_operator_reads()
    {
        var manifests = Render("options and environment").Manifests;
        (string Name, string Value)[] expected =
        [
            ("DYLORA_PARALLEL", "16"), ("DYLORA_RESYNC_SECONDS", "900"), ("DYLORA_KEPT_REVISIONS", "3"), ("DYLORA_PROGRESS_DEADLINE_SECONDS", "1200"),
            ("DYLORA_COLLECT_SECONDS", "3600"), ("DYLORA_TRAFFIC_SECONDS", "0"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel.monitoring:4317"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"),
        ];

        Assert.All(expected, variable => Assert.Equal(variable.Value, Environment(manifests, variable.Name)));
        Assert.Equal("false", Environment(Render("one replica").Manifests, "DYLORA_LEADER_ELECTION"));
        Assert.Equal("9090", Environment(Render("everything, on another port").Manifests, "DYLORA_METRICS_PORT"));
    }

    [Fact]
    public void An_upgrade_without_leader_election_never_has_two_operators_at_once()
    {
        Assert.Equal("""{"type":"Recreate"}""", Strategy("one replica"));
        Assert.Equal("""{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}""", Strategy("defaults"));

        static string Strategy(string name) => Render(name).Manifests.Single(manifest => manifest.Kind() == "Deployment")["spec"]!["strategy"]!.ToJsonString();
    }

    [Theory]
    [InlineData("defaults", """{"kubernetes.io/arch":"amd64","kubernetes.io/os":"linux"}""")]
    [InlineData("many replicas on nodes of their own", """{"kubernetes.io/os":"linux","node-role.kubernetes.io/control-plane":""}""")]
    public void Pods_go_to_nodes_that_can_run_their_image_unless_others_are_named(string name, string expected) =>
        Assert.All(
            Render(name).Manifests.Select(manifest => manifest.PodSpec()).OfType<JsonObject>(),
            pod => Assert.Equal(expected, new JsonObject(pod["nodeSelector"]!.AsObject().OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => KeyValuePair.Create(label.Key, label.Value?.DeepClone()))).ToJsonString()));

    [Fact]
    public void A_label_that_is_given_twice_is_there_once()
    {
        var manifests = Render("labels that meet").Manifests;
        var deployment = manifests.Single(manifest => manifest.Kind() == "Deployment");
        var pods = deployment["spec"]!["template"]!["metadata"]!;

        Assert.Equal(("research", "dylora-operator", "0.1.0"), (Label(deployment["metadata"], "team"), Label(deployment["metadata"], "app.kubernetes.io/name"), Label(deployment["metadata"], "app.kubernetes.io/version")));
        Assert.Equal(("serving", "dylora-operator"), (Label(pods, "team"), Label(pods, "app.kubernetes.io/name")));
        Assert.Equal("false", (string?)pods["annotations"]!["prometheus.io/scrape"]);
        Assert.All(manifests.Where(manifest => manifest.IsOfPrometheus()), manifest => Assert.Equal("metrics", Label(manifest["metadata"], "team")));
        Assert.All(manifests.Where(manifest => manifest.Kind() == "ConfigMap"), manifest => Assert.Equal("dashboards", Label(manifest["metadata"], "team")));

        static string? Label(JsonNode? metadata, string name) => (string?)metadata!["labels"]![name];
    }

    [Theory]
    [InlineData("1.2.3+build.7", "1.2.3_build.7", "dylora-moe-1.2.3_build.7")]
    [InlineData("1.2.3-nightly.20260101.of-the-branch-that-takes-a-name-of-its.own", "1.2.3-nightly.20260101.of-the-branch-that-takes-a-name-of-its.o", "dylora-moe-1.2.3-nightly.20260101.of-the-branch-that-takes-a-na")]
    [InlineData("1.2.3-nightly.20260101.of-the-branch-that-takes-a-name.of-what.-.own", "1.2.3-nightly.20260101.of-the-branch-that-takes-a-name.of-what", "dylora-moe-1.2.3-nightly.20260101.of-the-branch-that-takes-a-na")]
    public void A_version_of_any_kind_becomes_a_label(string version, string appVersion, string chart)
    {
        using var copy = new Testing.TemporaryFolder();
        ChildProcess.Read("cp", "-r", Renderer.ChartFolder, copy["chart"]);
        File.WriteAllText(copy["chart/Chart.yaml"], $"apiVersion: v2\nname: dylora-moe\nversion: {version}\nappVersion: {version}\n");

        var manifests = YamlJson.Read(Renderer.Template(ChartCases.Defaults with { Chart = copy["chart"], Set = ["operator.image.tag=1.2.3", "runtime.image.tag=1.2.3"] }));

        Assert.All(manifests, manifest =>
        {
            var labels = manifest["metadata"]!["labels"]!;
            Assert.Equal((appVersion, chart), ((string?)labels["app.kubernetes.io/version"], (string?)labels["helm.sh/chart"]));
        });
    }

    [Fact]
    public void What_holds_data_outlives_the_release()
    {
        var manifests = Render("a backbone").Manifests;

        Assert.All(
            manifests.Where(manifest => manifest.Kind() is "Backbone" or "PersistentVolumeClaim" or "CustomResourceDefinition"),
            manifest => Assert.Equal("keep", (string?)manifest["metadata"]!["annotations"]!["helm.sh/resource-policy"]));
        Assert.Equal("mirror", (string?)manifests.Single(manifest => manifest.Kind() == "Backbone")["spec"]!["serving"]!["imagePullSecrets"]![0]!["name"]);
        Assert.DoesNotContain(
            Render("everything, on another port").Manifests,
            manifest => manifest.Kind() == "CustomResourceDefinition" && manifest["metadata"]!["annotations"] is not null);
    }

    [Fact]
    public void A_backbone_of_ones_own_keeps_what_it_says()
    {
        var backbone = Render("a backbone of one's own, in the watched namespace").Manifests.Single(manifest => manifest.Kind() == "Backbone");

        Assert.Equal(("team", "assistant"), (backbone.Namespace(), backbone.Name()));
        Assert.Equal("""{"persistentVolumeClaim":{"claimName":"models","path":"llama"}}""", backbone["spec"]!["source"]!.ToJsonString());
        Assert.Equal("own", (string?)backbone["spec"]!["serving"]!["imagePullSecrets"]![0]!["name"]);
    }

    [Fact]
    public void A_budget_is_there_when_a_replica_may_be_missed()
    {
        Assert.Contains(Render("defaults").Manifests, manifest => manifest.Kind() == "PodDisruptionBudget");
        Assert.DoesNotContain(Render("one replica").Manifests, manifest => manifest.Kind() == "PodDisruptionBudget");
        Assert.DoesNotContain(Render("no metrics to be had").Manifests, manifest => manifest.Kind() is "PodDisruptionBudget" or "Service" or "Pod");
    }

    [Fact]
    public void Jobs_and_routers_are_closed_where_they_are()
    {
        Assert.Equal(
            ["blue/dylora-operator-jobs", "blue/dylora-operator-routers", "dylora-system/dylora-operator", "red/dylora-operator-jobs", "red/dylora-operator-routers"],
            Policies("closed networks of teams").Select(policy => $"{policy.Namespace()}/{policy.Name()}").Order(StringComparer.Ordinal));
        Assert.Contains("closed in red, blue, and in no other namespace", Renderer.Notes(ChartCases.Good.Single(values => values.Name == "closed networks of teams")), StringComparison.Ordinal);
        Assert.Contains("closed in dylora-system alone", Renderer.Notes(ChartCases.Good.Single(values => values.Name == "closed networks")), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_asked_of_the_cluster_s_DNS_unless_it_is_elsewhere()
    {
        Assert.All(Policies("closed networks"), policy => Assert.Equal("kube-dns", (string?)Dns(policy)["to"]![0]!["podSelector"]!["matchLabels"]!["k8s-app"]));
        Assert.Null(Dns(Policies("closed networks of teams").First())["to"]);

        static JsonNode Dns(JsonObject policy) => policy["spec"]!["egress"]!.AsArray().Single(rule => rule!["ports"]!.AsArray().Any(port => (long?)port!["port"] == 53))!;
    }

    [Fact]
    public void Definitions_are_those_of_crds()
    {
        var committed = Directory.GetFiles(Path.Combine(Testing.SharedFiles.RepositoryRoot, "crds")).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(committed.Select(Path.GetFileName), Directory.GetFiles(Path.Combine(Renderer.ChartFolder, "files", "crds")).Order(StringComparer.Ordinal).Select(Path.GetFileName));
        Assert.All(committed, file => Assert.True(
            File.ReadAllText(file) == File.ReadAllText(Path.Combine(Renderer.ChartFolder, "files", "crds", Path.GetFileName(file))), $"The chart's copy of {file} is old: run make crds and commit what it changes."));
    }

    [Fact]
    public void Notes_say_how_to_go_on()
    {
        foreach (var values in ChartCases.Good)
        {
            var notes = Renderer.Notes(values);

            Assert.Contains($"kubectl -n {values.Namespace} rollout status deployment/", notes, StringComparison.Ordinal);
            Assert.DoesNotContain("no value", notes, StringComparison.Ordinal);
            Assert.DoesNotContain("%!", notes, StringComparison.Ordinal);
        }

        Assert.Contains("helm -n dylora-system test dylora", Renderer.Notes(ChartCases.Defaults), StringComparison.Ordinal);
        Assert.Contains("namespace team alone", Renderer.Notes(ChartCases.Namespaced), StringComparison.Ordinal);
    }

    internal static (ChartCase Values, IReadOnlyList<JsonObject> Manifests) Render(string name)
    {
        var values = ChartCases.Good.Single(each => each.Name == name);
        return (values, YamlJson.Read(Renderer.Template(values)));
    }

    private static IEnumerable<JsonObject> Policies(string name) => Render(name).Manifests.Where(manifest => manifest.Kind() == "NetworkPolicy");

    private static JsonObject Deployment(IReadOnlyList<JsonObject> manifests) => manifests.Single(manifest => manifest.Kind() == "Deployment").PodSpec()!;

    private static string? Environment(IReadOnlyList<JsonObject> manifests, string variable) =>
        (string?)Deployment(manifests)["containers"]![0]!["env"]!.AsArray().SingleOrDefault(each => (string)each!["name"]! == variable)?["value"];
}
