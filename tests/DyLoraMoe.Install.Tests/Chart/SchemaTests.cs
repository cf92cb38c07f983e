using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>values.schema.json takes what the chart can work with, and says where the rest is wrong.</summary>
public sealed class SchemaTests
{
    // A chart that this one is a part of hands its globals down, and the value of its own by which it leaves this one out.
    private const string SharedWithOthers = "/global";
    private const string OfOthers = "enabled";

    private static readonly JsonSchema _schema = JsonSchema.FromText(File.ReadAllText(Path.Combine(Renderer.ChartFolder, "values.schema.json")));

    [Fact]
    public void All_sets_of_values_that_people_use_fit()
    {
        var wrong = ChartCases.Good.Select(values => (values.Name, Errors: Errors(values))).Where(found => found.Errors.Count > 0).ToList();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Select(found => $"{found.Name}: {string.Join("; ", found.Errors)}")));
    }

    [Fact]
    public void Wrong_values_are_refused_where_they_are()
    {
        var wrong = new List<string>();
        foreach (var (set, where) in ChartCases.Refused)
        {
            var errors = Errors(new(set) { Set = [set] });
            if (!errors.Any(error => error.StartsWith(where + ":", StringComparison.Ordinal)))
            {
                wrong.Add($"{set}: expected an error at {where}, found {(errors.Count == 0 ? "none" : string.Join("; ", errors))}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Values_that_contradict_each_other_are_refused_with_what_to_do()
    {
        foreach (var (set, message) in ChartCases.Contradictions)
        {
            var values = new ChartCase(string.Join(',', set)) { Set = set };

            Assert.Empty(Errors(values));
            Assert.Contains(message, Assert.Throws<RenderException>(() => Renderer.Template(values)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_schema_knows_every_value_and_takes_no_other()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Renderer.ChartFolder, "values.schema.json")))!;
        var defaults = JsonNode.Parse(Renderer.Values(ChartCases.Defaults))!.AsObject();

        Compare(schema, defaults, "");

        static void Compare(JsonNode schema, JsonObject values, string path)
        {
            Assert.True(path == SharedWithOthers || (bool?)schema["additionalProperties"] == false, $"{path} takes any value.");
            Assert.Equal(schema["properties"]!.AsObject().Select(property => property.Key).Where(name => path + name != OfOthers).Order(StringComparer.Ordinal), values.Select(value => value.Key).Order(StringComparer.Ordinal));
            foreach (var (name, value) in values)
            {
                // Maps of a user's own, and specs of Kubernetes, end the comparison.
                if (value is JsonObject { Count: > 0 } table && schema["properties"]![name]!["properties"] is not null && $"{path}/{name}" != "/backbone/spec")
                {
                    Compare(schema["properties"]![name]!, table, $"{path}/{name}");
                }
            }
        }
    }

    internal static List<string> Errors(ChartCase values) => ErrorsOf(JsonNode.Parse(Renderer.Values(values))!);

    internal static List<string> ErrorsOf(JsonNode values)
    {
        using var document = JsonDocument.Parse(values.ToJsonString());
        var results = _schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. (results.Details ?? []).Where(detail => detail.Errors is not null).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))];
    }
}
