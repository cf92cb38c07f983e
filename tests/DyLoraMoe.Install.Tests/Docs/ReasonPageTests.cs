using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Whoever looks a reason up finds it.</summary>
public sealed partial class ReasonPageTests
{
    [Fact]
    public void Every_reason_of_a_condition_is_there_exactly_once()
    {
        var reasons = typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal);

        var found = Row().Matches(Page.Read("docs/operations/troubleshooting.md").Text).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);

        Assert.Equal(reasons, found);
    }

    [Fact]
    public void Every_reason_has_a_meaning_something_to_look_at_and_something_to_do() =>
        Assert.All(Row().Matches(Page.Read("docs/operations/troubleshooting.md").Text), match =>
        {
            var cells = Cells(match);
            Assert.True(cells.Length == 4 && cells.All(cell => cell.Length > 0), match.Value);
        });

    [Fact]
    public void Nobody_is_told_to_change_a_field_that_cannot_be_changed()
    {
        var held = Definitions().SelectMany(spec => HeldFast(spec, "")).ToHashSet();
        var advice = Row().Matches(Page.Read("docs/operations/troubleshooting.md").Text).Select(match => Cells(match)[^1])
            .Concat(Step().Matches(Page.Read("docs/operations/runbook.md").Text).Select(match => match.Value)).ToList();

        Assert.Superset(new HashSet<string> { "backboneRef", "digest", "rank", "source.builtin", "store.s3.bucket", "store.s3.prefix" }, held);
        Assert.NotEmpty(advice);
        Assert.All(advice.Where(text => !text.Contains("anew", StringComparison.Ordinal)), text => Assert.All(
            Field().Matches(text).Select(match => match.Groups[1].Value),
            field => Assert.False(held.Any(path => path == field || path.EndsWith("." + field, StringComparison.Ordinal)), $"{field} cannot be changed: say that the object is to be applied anew, in \"{text}\"")));
    }

    private static string[] Cells(Match row) => row.Value.Split('|', StringSplitOptions.TrimEntries)[1..^1];

    private static IEnumerable<JsonNode> Definitions() => Directory.GetFiles(Path.Combine(SharedFiles.RepositoryRoot, "crds"), "*.yaml")
        .Select(file => YamlJson.Read(File.ReadAllText(file)).Single()["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!);

    // By their places below spec. A rule stands at the field itself, or above it and names it.
    private static IEnumerable<string> HeldFast(JsonNode schema, string place) =>
        (schema["x-kubernetes-validations"]?.AsArray() ?? []).Select(rule => Held().Match((string?)rule!["message"] ?? "")).Where(match => match.Success)
            .SelectMany(match => match.Groups[1].Success ? match.Groups[1].Value.Split(" and ").Select(name => Below(place, name)) : [place])
            .Concat((schema["properties"]?.AsObject() ?? []).SelectMany(property => HeldFast(property.Value!, Below(place, property.Key))));

    private static string Below(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    [GeneratedRegex("^(?:([A-Za-z0-9]+(?: and [A-Za-z0-9]+)*) )?(?:is|are) immutable")]
    private static partial Regex Held();

    [GeneratedRegex("^ *[0-9]+\\. .*$", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex("`(?:spec\\.)?([A-Za-z0-9.]+)(?::[^`]*)?`")]
    private static partial Regex Field();

    [GeneratedRegex("^\\| `([A-Z][A-Za-z]+)` \\|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
