using System.Text.Json.Nodes;

namespace DyLoraMoe.Api.Tests.Crds;

/// <summary>What the API server demands of a definition before it takes it.</summary>
public sealed class StructuralTests
{
    private static readonly string[] _allowed =
    [
        "type", "description", "properties", "required", "items", "additionalProperties", "default", "enum", "format", "pattern", "minimum", "maximum",
        "minLength", "maxLength", "minItems", "maxItems", "maxProperties", "anyOf", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
        "x-kubernetes-int-or-string", "x-kubernetes-validations",
    ];

    public static TheoryData<string> Kinds => [.. CrdFiles.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_schema_is_structural(string kind)
    {
        Assert.All(SchemaNodes.All(CrdFiles.Schema(kind)), node =>
        {
            var (path, schema) = node;
            Assert.True(schema.All(entry => _allowed.Contains(entry.Key)), $"{path} has {string.Join(", ", schema.Select(entry => entry.Key).Except(_allowed))}");
            Assert.True((schema["type"] is null) == (schema["x-kubernetes-int-or-string"] is not null), $"{path} has no type");
            Assert.True(schema["properties"] is null || schema["additionalProperties"] is null, $"{path} is both an object and a map");
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_is_described(string kind) =>
        Assert.All(
            SchemaNodes.All(CrdFiles.Schema(kind)).Where(node => node.Path.EndsWith('.') is false && !node.Path.EndsWith("[]", StringComparison.Ordinal) && !node.Path.EndsWith("{}", StringComparison.Ordinal) && node.Path != ".metadata"),
            node => Assert.True(node.Schema["description"]?.GetValue<string>().EndsWith('.'), $"{node.Path} is not described"));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Strings_lists_and_maps_are_bounded_so_that_the_cost_of_a_rule_is_known(string kind) =>
        Assert.All(SchemaNodes.All(CrdFiles.Schema(kind)).Where(node => node.Path is not ("" or ".apiVersion" or ".kind" or ".metadata")), node =>
        {
            var (path, schema) = node;
            var bounded = schema["type"]?.GetValue<string>() switch
            {
                "string" => schema["maxLength"] is not null || schema["enum"] is not null || schema["format"] is not null,
                "array" => schema["maxItems"] is not null && schema["x-kubernetes-list-type"] is not null,
                "object" => schema["additionalProperties"] is null || schema["maxProperties"] is not null,
                null => schema["maxLength"] is not null,
                _ => true,
            };
            Assert.True(bounded, $"{path} has no bound");
        });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Required_fields_exist_and_have_no_default(string kind) =>
        Assert.All(SchemaNodes.All(CrdFiles.Schema(kind)), node =>
        {
            foreach (var name in node.Schema["required"]?.AsArray().Select(name => name!.GetValue<string>()) ?? [])
            {
                var property = node.Schema["properties"]?[name];
                Assert.True(property is not null, $"{node.Path}.{name} is required and not declared");
                Assert.True(property["default"] is null, $"{node.Path}.{name} is required and has a default");
            }
        });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rules_blame_a_field_that_exists_or_their_own_with_what_Kubernetes_1_26_knows(string kind) =>
        Assert.All(SchemaNodes.All(CrdFiles.Schema(kind)), node =>
        {
            foreach (var rule in node.Schema["x-kubernetes-validations"]?.AsArray() ?? [])
            {
                Assert.Equal(["message", "rule"], rule!.AsObject().Select(pair => pair.Key).Order());
                var message = rule["message"]!.GetValue<string>();
                Assert.True(
                    message.Split(' ')[0] is "must" or "is" || message.StartsWith("metadata.name ", StringComparison.Ordinal) || ApiServer.Blamed(node.Schema, message) is not null,
                    $"a rule of {node.Path} blames nothing: {message}");
                Assert.False(node.Path.Contains("[]", StringComparison.Ordinal) && rule["rule"]!.GetValue<string>().Contains("oldSelf", StringComparison.Ordinal), $"{node.Path} is in a list");
            }
        });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Defaults_are_valid(string kind)
    {
        var manifest = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" }, ["spec"] = new JsonObject() };
        var defaulted = ApiServer.Defaulted(CrdFiles.Schema(kind), manifest);

        Assert.Equal(-1, defaulted["status"]!["observedGeneration"]!.GetValue<long>());
        foreach (var (path, message) in ApiServer.Refusals(kind, defaulted))
        {
            Assert.Equal(("spec", "Required"), (path, message.Contains("Required", StringComparison.OrdinalIgnoreCase) ? "Required" : message));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Defaults_are_valid_without_the_defaults_below_them_as_the_API_server_demands(string kind) =>
        Assert.All(SchemaNodes.All(CrdFiles.Schema(kind)).Where(node => node.Schema["default"] is not null), node =>
        {
            Assert.Empty(ApiServer.RefusalsOfDefault(node.Schema, withOld: false));
            Assert.Empty(ApiServer.RefusalsOfDefault(node.Schema, withOld: true));
        });

    [Theory]
    [InlineData("Backbone", "Experts,Revision,Ready Replicas,Ready,Reason,Age")]
    [InlineData("Skill", "Backbone,Decision,Expert,Ready,Reason,Age")]
    [InlineData("LoraExpert", "Skill,Stage,Maturity,Gain,Served,Share,Ready,Reason,Age")]
    [InlineData("Consolidation", "Backbone,Schedule,Run,Experts,Outcome,Ready,Reason,Age")]
    [InlineData("Growth", "Backbone,Grown,Divergence,Experts,Ready,Reason,Age")]
    public void Columns_of_kubectl_get_name_fields_that_exist(string kind, string expected)
    {
        var version = CrdFiles.Definition(kind)["spec"]!["versions"]![0]!;
        var columns = version["additionalPrinterColumns"]!.AsArray();
        var paths = SchemaNodes.All(CrdFiles.Schema(kind)).Select(node => node.Path).Append(".metadata.creationTimestamp").ToHashSet();

        Assert.Equal(expected, string.Join(",", columns.Where(column => column!["priority"]!.GetValue<int>() == 0).Select(column => column!["name"]!.GetValue<string>())));
        Assert.All(columns, column =>
        {
            var path = column!["jsonPath"]!.GetValue<string>().Replace("[?(@.type==\"Ready\")]", "[]", StringComparison.Ordinal);
            Assert.Contains(path, paths);
        });
    }

    [Fact]
    public void Kinds_have_the_category_the_short_names_and_the_subresources()
    {
        Assert.All(CrdFiles.Kinds, kind =>
        {
            var spec = CrdFiles.Definition(kind)["spec"]!;
            Assert.Equal("dylora", spec["names"]!["categories"]![0]!.GetValue<string>());
            Assert.NotNull(spec["versions"]![0]!["subresources"]!["status"]);
        });

        Assert.Equal("""["experts","expert","lx"]""", CrdFiles.Definition("LoraExpert")["spec"]!["names"]!["shortNames"]!.ToJsonString());
        var scale = CrdFiles.Definition("Backbone")["spec"]!["versions"]![0]!["subresources"]!["scale"]!;
        Assert.Equal((".spec.serving.replicas", ".status.replicas", ".status.selector"), (scale["specReplicasPath"]!.GetValue<string>(), scale["statusReplicasPath"]!.GetValue<string>(), scale["labelSelectorPath"]!.GetValue<string>()));
    }
}
