using System.Text.Json.Nodes;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>What kustomize installs is what the chart installs, but for what is listed here.</summary>
public sealed class KustomizeTests
{
    private static readonly string[] _helmLabels = ["app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"];

    [Fact]
    public void The_chart_installs_what_the_top_folder_does() => Compare(".", ChartCases.Defaults);

    [Fact]
    public void The_overlay_for_one_namespace_is_the_chart_s() => Compare("config/overlays/namespaced", ChartCases.Namespaced with { Set = [.. ChartCases.Namespaced.Set, "crds.install=false"] });

    [Fact]
    public void The_overlay_with_monitoring_is_the_chart_s() => Compare("config/overlays/monitoring", ChartCases.Monitored with { Set = [.. ChartCases.Monitored.Set, "crds.install=false"] });

    [Fact]
    public void Every_folder_builds()
    {
        var folders = Directory.GetFiles(Path.Combine(SharedFiles.RepositoryRoot, "config"), "kustomization.yaml", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!)
            .Where(folder => !folder.EndsWith("flux", StringComparison.Ordinal)).ToList();

        Assert.True(folders.Count >= 5);
        Assert.All(folders, folder => Assert.NotEmpty(Kustomize(folder)));
    }

    [Fact]
    public void Pods_meet_the_restricted_standard() =>
        Assert.All(Kustomize(".").Where(manifest => manifest.PodSpec() is not null), manifest => Assert.Equal([], RestrictedStandard.Violations(manifest)));

    [Fact]
    public void A_release_s_chart_and_config_name_its_images_and_its_runbook()
    {
        const string Registry = "ghcr.io/acme";
        using var clone = new TemporaryFolder();
        Directory.CreateDirectory(clone["eng"]);
        ChildProcess.Read("cp", "eng/stamp.sh", clone["eng"]);
        ChildProcess.Read("cp", "-r", "charts", "config", "crds", "kustomization.yaml", clone.FullPath);
        ChildProcess.Read("bash", clone["eng/stamp.sh"], "1.2.3", Registry, "https://github.com/Acme/dylora/blob/v1.2.3/docs/operations/runbook.md");

        var chart = clone["charts/dylora-moe"];
        Compare(clone.FullPath, ChartCases.Defaults with { Chart = chart });
        Compare(clone["config/overlays/monitoring"], ChartCases.Monitored with { Chart = chart, Set = [.. ChartCases.Monitored.Set, "crds.install=false"] });
        var manifests = Kustomize(clone["config/overlays/monitoring"]);
        var operatorContainer = manifests.Single(manifest => manifest.Kind() == "Deployment").PodSpec()!["containers"]![0]!;
        Assert.Equal($"{Registry}/dylora-operator:1.2.3", (string?)operatorContainer["image"]);
        Assert.Equal($"{Registry}/dylora-runtime:1.2.3", (string?)operatorContainer["env"]![0]!["value"]);
        Assert.StartsWith("https://github.com/Acme/dylora/blob/v1.2.3/", (string?)manifests.Single(manifest => manifest.Kind() == "PrometheusRule")["spec"]!["groups"]![0]!["rules"]![0]!["annotations"]!["runbook_url"], StringComparison.Ordinal);
    }

    private static void Compare(string folder, ChartCase values)
    {
        // Helm makes namespaces by --create-namespace, and runs the pod of its test only when told to.
        var config = Kustomize(folder).Where(manifest => manifest.Kind() != "Namespace").ToDictionary(manifest => manifest.Key());
        var chart = YamlJson.Read(Renderer.Template(values)).Where(manifest => !manifest.IsHook()).ToDictionary(manifest => manifest.Key());

        Assert.Equal(config.Keys.Order(StringComparer.Ordinal), chart.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, manifest) in chart)
        {
            WithoutHelm(manifest);
            Assert.True(JsonNode.DeepEquals(Sorted(config[key]), Sorted(manifest)), $"{key} differs\nconfig: {Sorted(config[key])!.ToJsonString()}\nchart:  {Sorted(manifest)!.ToJsonString()}");
        }
    }

    // Labels that say which release it is of, and the annotation that keeps definitions.
    private static void WithoutHelm(JsonObject manifest)
    {
        Remove(manifest["metadata"]!["labels"], _helmLabels);
        Remove(manifest["spec"]?["template"]?["metadata"]?["labels"], _helmLabels);
        Remove(manifest["metadata"]!["annotations"], ["helm.sh/resource-policy"]);
        if (manifest["metadata"]!["annotations"] is JsonObject { Count: 0 })
        {
            manifest["metadata"]!.AsObject().Remove("annotations");
        }

        if (manifest.Kind() == "CustomResourceDefinition")
        {
            Assert.Equal(["app.kubernetes.io/name"], manifest["metadata"]!["labels"]!.AsObject().Select(label => label.Key));
            manifest["metadata"]!.AsObject().Remove("labels");
        }

        static void Remove(JsonNode? from, string[] names)
        {
            foreach (var name in names)
            {
                from?.AsObject().Remove(name);
            }
        }
    }

    // Variables of a container and rules of a role mean the same in any order of their fields; lists keep theirs, but for texts of a ConfigMap,
    // which may end in a new line or not.
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        JsonValue value when value.TryGetValue<string>(out var text) => text.TrimEnd(),
        _ => node?.DeepClone(),
    };

    internal static IReadOnlyList<JsonObject> Kustomize(string folder) => YamlJson.Read(ChildProcess.Read("kubectl", "kustomize", folder));
}
