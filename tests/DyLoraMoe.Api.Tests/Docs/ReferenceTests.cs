using System.Reflection;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Tests.Crds;
using DyLoraMoe.Crds;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Api.Tests.Docs;

public sealed class ReferenceTests
{
    private static readonly Dictionary<Type, string> _pages = Definitions.Kinds.ToDictionary(kind => kind, kind => Repository.Read("docs/reference/" + FieldTables.PageOf(kind)));

    [Fact]
    public void Tables_of_fields_are_what_the_classes_give() =>
        Assert.All(_pages, page => Assert.True(FieldTables.Renew(page.Value, page.Key) == page.Value, $"docs/reference/{FieldTables.PageOf(page.Key)} differs from the classes: run make crds and commit what it changes."));

    [Fact]
    public void Every_field_is_there() =>
        Assert.All(_pages, page => Assert.All(
            SchemaNodes.All(CrdFiles.Schema(page.Key.Name)).Select(node => node.Path).Where(path => path.StartsWith(".spec.", StringComparison.Ordinal) && !path.EndsWith(']') && !path.EndsWith('}') && !path.Contains(".affinity.", StringComparison.Ordinal)),
            path => Assert.Contains($"| `{path[".spec.".Length..]}` |", page.Value, StringComparison.Ordinal)));

    [Fact]
    public void Every_condition_and_every_reason_is_explained()
    {
        var text = string.Concat(_pages.Values);

        Assert.All(Constants(typeof(ConditionTypes)).Concat(Constants(typeof(Reasons))), word => Assert.Contains($"`{word}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Examples_are_valid() =>
        Assert.All(_pages, page =>
        {
            var example = YamlJson.Read(page.Value.Split("```yaml\n")[1].Split("```")[0]).Single();

            Assert.Equal(page.Key.Name, example["kind"]!.GetValue<string>());
            Assert.Empty(ApiServer.Refusals(page.Key.Name, example));
        });

    private static IEnumerable<string> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);
}
