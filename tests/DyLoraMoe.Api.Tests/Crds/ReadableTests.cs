using System.Text.Json.Nodes;
using DyLoraMoe.Crds;
using k8s;

namespace DyLoraMoe.Api.Tests.Crds;

/// <summary>
/// What the API server takes the operator must be able to read: lists and watches come whole, so one object that cannot be read would hide all others, of every
/// tenant.
/// </summary>
public sealed class ReadableTests
{
    private static readonly JsonNode[] _numbers =
    [
        .. new[]
        {
            "0", "1", "-1", "100", "1000", "-2147483648", "2147483647", "2147483648", "-2147483649", "9007199254740991", "9007199254740993", "9223372036854775808",
            "100000000000000000000", "-100000000000000000000", "1e+21", "1e+300",
        }.Select(text => JsonNode.Parse(text)!),
    ];

    private static readonly JsonNode[] _texts =
    [
        "", "x", "\0", "\ud83d\ude00", "0", "1", "50%", "100%", "999%", ".5", "5.", "+1", "1E5", "1e-5", "1e99", "1e-99", "1e999999999", "1E-999999999", "99999999999999999999999999999Ei", "1n", "0.000000000000000000000000000001",
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.1+13:59", "2026-01-01t00:00:00z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+13:00", "9999-12-31T23:59:59-13:00",
        "2999-12-31T23:59:59-13:59", "1000-01-01T00:00:00+13:59", "2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00x5Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00.1234567890123456Z",
    ];

    public static TheoryData<string> Kinds => [.. CrdFiles.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whatever_the_schema_takes_can_be_read_and_written_again(string kind)
    {
        var type = Definitions.Kinds.Single(each => each.Name == kind);
        var read = typeof(KubernetesJson).GetMethods().Single(method => method is { Name: "Deserialize", IsGenericMethod: true } && method.GetParameters()[0].ParameterType == typeof(string)).MakeGenericMethod(type);

        var samples = Samples(CrdFiles.Schema(kind)).ToList();

        Assert.True(samples.Count > 300, $"Only {samples.Count} samples.");
        Assert.All(samples, sample =>
        {
            var found = read.Invoke(null, [sample.ToJsonString(), null])!;

            Assert.NotEqual("null", KubernetesJson.Serialize(found));
        });
    }

    [Fact]
    public void A_nodes_affinity_of_another_shape_is_none() => Assert.All(
        new[] { """{"nodeAffinity": "x"}""", """{"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}}""", """{"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": "much"}]}}""" },
        affinity => Assert.False(ApiServer.Accepts(CrdFiles.Schema("Backbone")["properties"]!["spec"]!["properties"]!["serving"]!["properties"]!["affinity"]!.AsObject(), JsonNode.Parse(affinity)!)));

    /// <summary>One object for every value at the edge of what every field takes, and nothing beside it.</summary>
    private static IEnumerable<JsonNode> Samples(JsonObject schema)
    {
        switch (schema["type"]?.GetValue<string>())
        {
            case "object":
                yield return new JsonObject();
                foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
                {
                    foreach (var sample in name == "metadata" ? [] : Samples(property!.AsObject()))
                    {
                        yield return new JsonObject { [name] = sample };
                    }
                }

                foreach (var sample in schema["additionalProperties"] is JsonObject values ? Samples(values) : [])
                {
                    yield return new JsonObject { ["key"] = sample };
                }

                break;
            case "array":
                yield return new JsonArray();
                foreach (var sample in Samples(schema["items"]!.AsObject()))
                {
                    yield return new JsonArray(sample);
                }

                break;
            case "boolean":
                yield return JsonValue.Create(true);
                break;
            default:
                var bounds = new[] { schema["minimum"], schema["maximum"] }.OfType<JsonNode>();
                var named = schema["enum"]?.AsArray().OfType<JsonNode>() ?? [];
                foreach (var value in _numbers.Concat(_texts).Concat(bounds).Concat(named).Select(value => value.DeepClone()).Where(value => ApiServer.Accepts(schema, value)))
                {
                    yield return value;
                }

                break;
        }
    }
}
