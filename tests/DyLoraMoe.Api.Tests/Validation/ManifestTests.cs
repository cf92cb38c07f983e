using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Tests.Crds;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Testing.Resources;
using k8s;

namespace DyLoraMoe.Api.Tests.Validation;

/// <summary>Every row of the table, by the operator's own rules and by the definitions.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Cases => [.. ManifestTable.Cases.Select(row => row.Name)];

    public static TheoryData<string> TypedCases => [.. ManifestTable.Cases.Where(row => !row.OnlySchema).Select(row => row.Name)];

    [Fact]
    public void The_table_has_rows_of_all_sorts_each_with_a_name_of_its_own()
    {
        Assert.Equal(ManifestTable.Cases.Count, ManifestTable.Cases.DistinctBy(row => row.Name).Count());
        Assert.All(CrdFiles.Kinds, kind =>
        {
            Assert.Contains(ManifestTable.Cases, row => row.Kind == kind && row.Refused is null && row.Update is null);
            Assert.Contains(ManifestTable.Cases, row => row.Kind == kind && row.Refused is null && row.Update is not null);
            Assert.Contains(ManifestTable.Cases, row => row.Kind == kind && row.Refused is not null && row.Update is null);
            Assert.Contains(ManifestTable.Cases, row => row.Kind == kind && row.Refused is not null && row.Update is not null);
        });
    }

    [Theory]
    [MemberData(nameof(TypedCases))]
    public void The_operators_rules_agree(string name)
    {
        var row = Find(name);
        if (row.Update is { } update)
        {
            Assert.Empty(Check(row.Kind, row.Manifest));
            Blames(row, Check(row.Kind, update, row.Manifest).Select(error => error.Path), below: true);
        }
        else
        {
            Blames(row, Check(row.Kind, row.Manifest).Select(error => error.Path), below: true);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_definitions_agree(string name)
    {
        var row = Find(name);
        if (row.Update is { } update)
        {
            Assert.Empty(ApiServer.Refusals(row.Kind, row.Manifest));
            Blames(row, ApiServer.Refusals(row.Kind, update, row.Manifest).Select(error => error.Path), below: false);
        }
        else
        {
            Blames(row, ApiServer.Refusals(row.Kind, row.Manifest).Select(error => error.Path), below: false);
        }
    }

    [Theory]
    [InlineData(Backbone.KindName)]
    [InlineData(Skill.KindName)]
    [InlineData(LoraExpert.KindName)]
    [InlineData(Consolidation.KindName)]
    [InlineData(Growth.KindName)]
    public void Rules_and_definitions_judge_any_two_rows_together_alike(string kind)
    {
        var rows = ManifestTable.Cases.Where(row => row.Kind == kind && row.Update is null && !row.OnlySchema).ToList();
        Assert.All(rows.SelectMany((first, i) => rows.Where((_, j) => (i + j) % 5 == 0).Select(second => (first, second))), pair =>
        {
            var manifest = ManifestTable.Merge(pair.first.Manifest, pair.second.Given);
            var byRules = Check(kind, manifest);
            var byDefinition = ApiServer.Refusals(kind, manifest);

            Assert.True(byRules.Count == 0 == (byDefinition.Count == 0), $"{pair.first} and {pair.second}: rules say '{string.Join("; ", byRules)}', the definition '{string.Join("; ", byDefinition)}'");
        });
    }

    [Theory]
    [InlineData(Backbone.KindName)]
    [InlineData(Skill.KindName)]
    [InlineData(LoraExpert.KindName)]
    [InlineData(Consolidation.KindName)]
    [InlineData(Growth.KindName)]
    public void Rules_and_definitions_judge_a_change_of_any_valid_row_to_another_alike(string kind)
    {
        var rows = ManifestTable.Cases.Where(row => row.Kind == kind && row.Refused is null).Select(row => row.Manifest).ToList();
        Assert.All(rows.SelectMany(old => rows.Select(now => (old, now))), change =>
        {
            var byRules = Check(kind, change.now, change.old);
            var byDefinition = ApiServer.Refusals(kind, change.now, change.old);

            Assert.True(byRules.Count == 0 == (byDefinition.Count == 0), $"rules say '{string.Join("; ", byRules)}', the definition '{string.Join("; ", byDefinition)}'");
        });
    }

    [Theory]
    [InlineData("x", 921_600, true)]
    [InlineData("x", 921_601, false)]
    [InlineData("答", 307_200, true)]
    [InlineData("答", 307_201, false)]
    public void Data_in_a_manifest_are_bounded_by_what_a_ConfigMap_may_hold(string character, int count, bool isAccepted)
    {
        var row = ManifestTable.Cases.First(row => row.Kind == Skill.KindName && row.Refused is null);
        var inline = string.Concat(Enumerable.Repeat(character, count));
        var manifest = ManifestTable.Merge(row.Manifest, new JsonObject { ["spec"] = new JsonObject { ["data"] = new JsonObject { ["inline"] = inline } } });
        var expected = isAccepted ? Array.Empty<string>() : ["spec.data.inline"];

        Assert.Equal(expected, Check(row.Kind, manifest).Select(error => error.Path).Distinct());
        Assert.Equal(expected, ApiServer.Refusals(row.Kind, manifest).Select(error => error.Path).Distinct());
    }

    [Fact]
    public void An_error_says_what_was_expected_what_was_found_and_what_to_do()
    {
        var row = ManifestTable.Cases.First(row => row.Name == "A rank above the largest");

        Assert.Equal("spec.lora.rank: expected at most largestRank, 4, found 8; raise largestRank or lower rank", Assert.Single(Check(row.Kind, row.Manifest)).ToString());
    }

    private static ManifestCase Find(string name) => ManifestTable.Cases.First(row => row.Name == name);

    private static void Blames(ManifestCase row, IEnumerable<string> paths, bool below)
    {
        var found = paths.ToList();
        if (row.Refused is not { } expected)
        {
            Assert.Empty(found);
            return;
        }

        // A schema blames the object that lacks a field, and a rule about a name the whole resource.
        Assert.Contains(found, path => path == expected || path.StartsWith(expected, StringComparison.Ordinal) || (!below && expected.StartsWith(path, StringComparison.Ordinal)));
    }

    private static IReadOnlyList<FieldError> Check(string kind, JsonObject manifest, JsonObject? old = null) => kind switch
    {
        Backbone.KindName => old is null ? BackboneRules.Check(Read<Backbone>(manifest)) : BackboneRules.CheckUpdate(Read<Backbone>(old), Read<Backbone>(manifest)),
        Skill.KindName => old is null ? SkillRules.Check(Read<Skill>(manifest)) : SkillRules.CheckUpdate(Read<Skill>(old), Read<Skill>(manifest)),
        Consolidation.KindName => old is null ? ConsolidationRules.Check(Read<Consolidation>(manifest)) : ConsolidationRules.CheckUpdate(Read<Consolidation>(old), Read<Consolidation>(manifest)),
        Growth.KindName => old is null ? GrowthRules.Check(Read<Growth>(manifest)) : GrowthRules.CheckUpdate(Read<Growth>(old), Read<Growth>(manifest)),
        _ => old is null ? LoraExpertRules.Check(Read<LoraExpert>(manifest)) : LoraExpertRules.CheckUpdate(Read<LoraExpert>(old), Read<LoraExpert>(manifest)),
    };

    private static T Read<T>(JsonObject manifest) => KubernetesJson.Deserialize<T>(manifest.ToJsonString());
}
