using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Tests.Crds;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Testing.Resources;
using k8s;

namespace DyLoraMoe.Api.Tests.Samples;

public sealed class SampleTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(Repository.Root, "config/samples"), "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Samples_are_valid(string file)
    {
        foreach (var manifest in YamlJson.Read(Repository.Read(file)).Where(manifest => manifest["apiVersion"]!.GetValue<string>() == ApiNames.GroupVersion))
        {
            Assert.Empty(ApiServer.Refusals(manifest["kind"]!.GetValue<string>(), manifest));
            Assert.Empty(Check(manifest));
            Assert.Empty(Unknown(CrdFiles.Schema(manifest["kind"]!.GetValue<string>()), manifest, ""));
        }
    }

    [Fact]
    public void What_the_samples_refer_to_is_among_them()
    {
        var manifests = Directory.GetFiles(Path.Combine(Repository.Root, "config/samples"), "*.yaml").SelectMany(file => YamlJson.Read(File.ReadAllText(file))).ToList();
        var names = manifests.Select(manifest => $"{manifest["kind"]!.GetValue<string>()}/{manifest["metadata"]!["name"]!.GetValue<string>()}").ToHashSet();
        var skills = manifests.Where(manifest => manifest["kind"]!.GetValue<string>() == Skill.KindName).ToList();
        var claim = manifests.Single(manifest => manifest["kind"]!.GetValue<string>() == Backbone.KindName)["spec"]!["store"]!["persistentVolumeClaim"]!["claimName"]!.GetValue<string>();

        Assert.True(skills.Count >= 2);
        Assert.Contains($"PersistentVolumeClaim/{claim}", names);
        Assert.All(skills, skill =>
        {
            Assert.Contains($"Backbone/{skill["spec"]!["backboneRef"]!["name"]!.GetValue<string>()}", names);
            Assert.Contains($"ConfigMap/{skill["spec"]!["data"]!["configMapRef"]!["name"]!.GetValue<string>()}", names);
        });
    }

    [Theory]
    [InlineData("clock", 900)]
    [InlineData("units", 600)]
    public void Each_line_of_a_sample_is_a_prompt_and_its_answer_and_none_is_there_twice(string name, int count)
    {
        var map = YamlJson.Read(Repository.Read($"config/samples/{name}.yaml")).Single(manifest => manifest["kind"]!.GetValue<string>() == "ConfigMap");
        var rows = map["data"]!["samples.jsonl"]!.GetValue<string>().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Dictionary<string, string>>(line)!).ToList();

        Assert.Equal(count, rows.DistinctBy(row => row["prompt"]).Count());
        Assert.All(rows, row =>
        {
            Assert.EndsWith("->", row["prompt"], StringComparison.Ordinal);
            Assert.StartsWith(" ", row["answer"], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Backbones_of_ones_own_say_what_a_request_may_take_and_those_that_scale_what_they_go_by()
    {
        var backbones = Files.Select(file => (string)file).SelectMany(file => YamlJson.Read(Repository.Read(file))).Where(manifest => manifest["kind"]!.GetValue<string>() == Backbone.KindName)
            .Select(manifest => KubernetesJson.Deserialize<Backbone>(manifest.ToJsonString())).ToList();
        var large = backbones.Where(backbone => backbone.Spec.Serving.Resources?.Limits is { } limits && (limits.ContainsKey("nvidia.com/gpu") || backbone.Metadata.Name == "qwen")).ToList();

        Assert.True(large.Count >= 3);
        Assert.All(large, backbone =>
        {
            Assert.NotNull(backbone.Spec.Serving.Limits.CacheMemory);
            Assert.True(backbone.Spec.Serving.Limits.MaxContext >= backbone.Spec.Context, $"{backbone.Metadata.Name}: what was learnt could not be asked for");
        });
        Assert.All(backbones.Where(backbone => backbone.Spec.Serving.Autoscaling is not null), backbone => Assert.Contains("cpu", backbone.Spec.Serving.Resources!.Requests.Keys));
    }

    /// <summary>Fields that the schema does not know: kubectl refuses them, and the API server drops them.</summary>
    private static IEnumerable<string> Unknown(JsonObject schema, JsonNode value, string path) => value switch
    {
        JsonObject map when schema["properties"] is JsonObject properties && path != ".metadata" => map.SelectMany(entry =>
            properties[entry.Key] is JsonObject below ? Unknown(below, entry.Value!, $"{path}.{entry.Key}") : [$"{path}.{entry.Key}"]),
        JsonArray list when schema["items"] is JsonObject items => list.SelectMany(item => Unknown(items, item!, path + "[]")),
        _ => [],
    };

    private static IReadOnlyList<FieldError> Check(JsonObject manifest) => manifest["kind"]!.GetValue<string>() switch
    {
        Backbone.KindName => BackboneRules.Check(KubernetesJson.Deserialize<Backbone>(manifest.ToJsonString())),
        Skill.KindName => SkillRules.Check(KubernetesJson.Deserialize<Skill>(manifest.ToJsonString())),
        Consolidation.KindName => ConsolidationRules.Check(KubernetesJson.Deserialize<Consolidation>(manifest.ToJsonString())),
        Growth.KindName => GrowthRules.Check(KubernetesJson.Deserialize<Growth>(manifest.ToJsonString())),
        _ => LoraExpertRules.Check(KubernetesJson.Deserialize<LoraExpert>(manifest.ToJsonString())),
    };
}
