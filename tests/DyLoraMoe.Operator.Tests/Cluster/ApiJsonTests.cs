using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Operator.Cluster;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Cluster;

public sealed class ApiJsonTests
{
    private readonly JsonSerializerOptions _options = new();

    public ApiJsonTests() => ApiJson.Install(_options);

    [Fact]
    public void Equal_texts_of_different_objects_are_one()
    {
        var (one, other) = (Read("""{"metadata": {"labels": {"app": "tiny"}}}"""), Read("""{"metadata": {"labels": {"app": "tiny"}}}"""));

        Assert.Same(one.Metadata.Labels.Single().Key, other.Metadata.Labels.Single().Key);
        Assert.Same(one.Metadata.Labels["app"], other.Metadata.Labels["app"]);
    }

    [Theory]
    [InlineData(300, false)]
    [InlineData(300, true)]
    [InlineData(100, true)]
    public void Longer_texts_are_one_too_escaped_or_not(int length, bool isEscaped)
    {
        var json = $$$"""{"data": {"key": "{{{new string('x', length)}}}{{{(isEscaped ? "\\n\\u00e9" : "")}}}"}}""";

        var (one, other) = (Read(json), Read(json));

        Assert.Equal(new string('x', length) + (isEscaped ? "\né" : ""), one.Data["key"]);
        Assert.Same(one.Data["key"], other.Data["key"]);
    }

    [Fact]
    public void Who_set_which_field_and_what_was_applied_last_is_not_kept()
    {
        var map = Read(
            """
            {"metadata": {"name": "a", "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:data": {}}}],
             "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "stays"}}}
            """);

        Assert.Equal("a", map.Metadata.Name);
        Assert.Null(map.Metadata.ManagedFields);
        Assert.Equal("note", Assert.Single(map.Metadata.Annotations).Key);
    }

    [Fact]
    public void Any_text_comes_back_as_it_went_wherever_a_long_one_is_divided()
    {
        const string awkward = "\"\\\n\u0001é😀😀";
        foreach (var length in Enumerable.Range(8_180, 20).Append(0).Append(100_000))
        {
            var value = new string('x', length) + string.Concat(Enumerable.Repeat(awkward, 2_500));
            var json = JsonSerializer.Serialize(new V1ConfigMap { Data = new Dictionary<string, string> { [awkward] = value } }, _options);

            Assert.Equal(value, JsonNode.Parse(json)!["data"]![awkward]!.GetValue<string>());
            Assert.Equal(value, JsonSerializer.Deserialize<V1ConfigMap>(json, _options)!.Data[awkward]);
        }
    }

    private V1ConfigMap Read(string json) => JsonSerializer.Deserialize<V1ConfigMap>(json, _options)!;
}
