using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Crds;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Tests.Status;

public sealed class StatusBoundsTests
{
    public static TheoryData<Type> Kinds => [.. Definitions.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_text_and_no_list_of_a_status_is_longer_than_its_definition_takes(Type kind)
    {
        var schema = Definitions.Of(kind)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["status"]!.AsObject();
        var status = Longest(schema)!.AsObject();
        Assert.NotEmpty(TooLong(schema, status, "status"));

        StatusBounds.Fit(status, kind.GetProperty("Status")!.PropertyType);

        Assert.Empty(TooLong(schema, status, "status"));
    }

    /// <summary>A value with more of everything than a schema takes, but for words that are chosen from a few.</summary>
    private static JsonNode? Longest(JsonObject schema) => schema["type"]?.GetValue<string>() switch
    {
        "object" => new JsonObject((schema["properties"]?.AsObject() ?? []).Select(each => KeyValuePair.Create(each.Key, Longest(each.Value!.AsObject())))),
        "array" => new JsonArray([.. Enumerable.Range(0, Most(schema, "maxItems") + 1).Select(_ => Longest(schema["items"]!.AsObject()))]),
        "string" when IsFree(schema) => new string('x', Most(schema, "maxLength") + 1),
        _ => null,
    };

    private static IEnumerable<string> TooLong(JsonObject schema, JsonNode? value, string path) => value switch
    {
        JsonObject map => map.SelectMany(each => TooLong(schema["properties"]![each.Key]!.AsObject(), each.Value, $"{path}.{each.Key}")),
        JsonArray list => (list.Count > Most(schema, "maxItems") ? [path] : Enumerable.Empty<string>()).Concat(list.Take(2).SelectMany(item => TooLong(schema["items"]!.AsObject(), item, path + "[]"))),
        JsonValue text when text.GetValue<string>().Length > Most(schema, "maxLength") => [path],
        _ => [],
    };

    private static int Most(JsonObject schema, string bound) => (int)double.Parse(schema[bound]!.ToJsonString(), CultureInfo.InvariantCulture);

    private static bool IsFree(JsonObject schema) => schema["enum"] is null && schema["pattern"] is null && schema["format"] is null;
}
