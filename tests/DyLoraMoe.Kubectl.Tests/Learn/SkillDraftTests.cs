using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Learn;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Testing.Resources;
using k8s;

namespace DyLoraMoe.Kubectl.Tests.Learn;

public sealed class SkillDraftTests
{
    [Fact]
    public void Only_what_was_asked_for_is_written()
    {
        var (map, skill) = Draft("{\"a\":1}\n").Manifests();

        Assert.Null(map);
        Assert.Equal(
            """{"apiVersion":"dylora.dev/v1alpha1","kind":"Skill","metadata":{"name":"reverse"},"spec":{"backboneRef":{"name":"tiny"},"data":{"inline":"{\u0022a\u0022:1}\n","format":"JsonLines"}}}""",
            skill.ToJsonString());
    }

    [Fact]
    public void Options_become_fields()
    {
        var draft = Draft("x");
        var spec = (draft with { Examples = draft.Examples with { InputField = "q", OutputField = "a" }, Namespace = "team", HeldOutPercent = 30, DropDuplicates = true, Extend = "sum" }).Manifests().Skill["spec"]!;

        Assert.Equal("q a true 30 Extend sum", string.Join(' ', spec["data"]!["inputField"], spec["data"]!["outputField"], spec["data"]!["dropDuplicates"], spec["heldOutPercent"], spec["novelty"]!["mode"], spec["novelty"]!["expertRef"]!["name"]));
        Assert.Equal("Novel", (string?)(Draft("x") with { IsNew = true }).Manifests().Skill["spec"]!["novelty"]!["mode"]);
    }

    [Fact]
    public void Many_examples_go_into_a_config_map()
    {
        var (map, skill) = Draft(new string('x', 300_000)).Manifests();

        var name = (string?)map!["metadata"]!["name"];
        Assert.Matches("^reverse-examples-[0-9a-f]{10}$", name);
        Assert.Equal(300_000, ((string?)map["data"]!["examples.jsonl"])!.Length);
        Assert.Equal($$"""{"configMapRef":{"name":"{{name}}","key":"examples.jsonl"},"format":"JsonLines"}""", skill["spec"]!["data"]!.ToJsonString());
        Assert.Equal("""{"dylora.dev/skill":"reverse","app.kubernetes.io/managed-by":"kubectl-dylora"}""", map["metadata"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public void Other_examples_are_another_config_map_and_the_same_ones_the_same()
    {
        Assert.Null(Draft("x").ConfigMapName);
        Assert.Equal(Draft(new string('x', 300_000)).ConfigMapName, Draft(new string('x', 300_000)).ConfigMapName);
        Assert.NotEqual(Draft(new string('x', 300_000)).ConfigMapName, Draft(new string('y', 300_000)).ConfigMapName);
        Assert.True((Draft(new string('x', 300_000)) with { Name = new string('n', Bounds.NameLength) }).ConfigMapName!.Length <= 63);
    }

    [Fact]
    public void Too_many_are_refused_with_the_limit_and_what_to_do()
    {
        // Two bytes each in UTF-8.
        var error = Assert.Throws<PluginException>(() => Draft(new string('ö', 500_000)).Manifests());

        Assert.Contains("the examples have 1,000,000 bytes, and at most 921,600", error.Message, StringComparison.Ordinal);
        var places = error.Message.Split('\n').Where(line => line.StartsWith("  data: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, places.Count);
        Assert.All(places, place =>
        {
            // Whoever fills in the names has a Skill that is accepted.
            var skill = KubernetesJson.Deserialize<Skill>(Draft("x").Manifests().Skill.ToJsonString());
            skill.Spec.Data = KubernetesJson.Deserialize<SkillData>(YamlJson.Read(place.Replace("CLAIM", "claim", StringComparison.Ordinal).Replace("BUCKET", "bucket", StringComparison.Ordinal)).Single()["data"]!.ToJsonString());
            Assert.Empty(SkillRules.Check(skill));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void A_share_that_leaves_too_little_to_learn_from_is_refused(int percent)
    {
        var error = Assert.Throws<PluginException>(() => (Draft("x") with { HeldOutPercent = percent }).Manifests());

        Assert.Equal(($"--held-out: expected 1 to 50 percent, found {percent}; the rest is what is learnt from.", ExitCode.Usage), (error.Message, error.Code));
    }

    [Theory]
    [InlineData("Tickets of 2025/", "tickets-of-2025")]
    [InlineData("some/1_My Skill!", "my-skill")]
    [InlineData("a-very-long-name-that-goes-on-and-on-for-ever", "a-very-long-name-that-goes-on-and-on-for")]
    [InlineData("123", null)]
    public void A_name_is_made_from_the_path(string path, string? name) => Assert.Equal(name, SkillDraft.NameOf(path));

    [Theory]
    [InlineData("one\ntwo\n")]
    [InlineData("one\ntwo")]
    [InlineData("\n\n  begins with spaces\nends\n\n\n")]
    [InlineData("{\"prompt\": \"ä €\", \"answer\": \"# no: comment\"}\n{\"a\": 1}\n")]
    [InlineData("carriage\r\nreturn\n")]
    [InlineData("bell \u0007\nand \U0001F600\n")]
    [InlineData("true")]
    [InlineData("12")]
    [InlineData("- a: b")]
    [InlineData("")]
    public void Yaml_reads_back_as_it_was(string text)
    {
        var document = new JsonObject { ["name"] = text, ["list"] = new JsonArray(1, text, new JsonObject { ["deep"] = text }), ["none"] = null, ["empty"] = new JsonObject() };

        var yaml = YamlText.Of(document);

        Assert.True(JsonNode.DeepEquals(document, YamlJson.Read(yaml).Single()), yaml);
    }

    private static SkillDraft Draft(string text) => new() { Name = "reverse", Backbone = "tiny", Examples = new(text, "JsonLines", 1, []) };
}
