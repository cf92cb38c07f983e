using System.Text.Json.Serialization;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Operator.Crds;
using KubeOps.Tests.Fakes;

namespace KubeOps.Tests.Transpiling;

public sealed class CrdTests
{
    private static readonly V1CustomResourceDefinition Definition =
        Assert.Single(new KubeOpsCrdResourceFactory().CreateCustomResourceDefinitions([typeof(Sample)]));

    private static readonly V1JSONSchemaProps Spec =
        Definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"];

    [Fact]
    public void Names_come_from_the_class_and_its_attributes()
    {
        Assert.Equal("samples.test.dev", Definition.Metadata.Name);
        Assert.Equal("Cluster", Definition.Spec.Scope);
        Assert.Equal("Sample", Definition.Spec.Names.Kind);
        Assert.Equal("SampleList", Definition.Spec.Names.ListKind);
        Assert.Equal("sample", Definition.Spec.Names.Singular);
        Assert.Equal(["smp"], Definition.Spec.Names.ShortNames);
        var version = Assert.Single(Definition.Spec.Versions);
        Assert.Equal(("v1beta1", true, true), (version.Name, version.Served, version.Storage));
    }

    [Fact]
    public void A_status_is_a_subresource_and_so_is_scale()
    {
        var subresources = Definition.Spec.Versions[0].Subresources;
        Assert.NotNull(subresources.Status);
        Assert.Equal(".spec.count", subresources.Scale.SpecReplicasPath);
        Assert.Equal(".status.count", subresources.Scale.StatusReplicasPath);
    }

    [Fact]
    public void Types_become_types()
    {
        Assert.Equal(("integer", "int32"), (Spec.Properties["count"].Type, Spec.Properties["count"].Format));
        Assert.Equal(("number", "double"), (Spec.Properties["rate"].Type, Spec.Properties["rate"].Format));
        Assert.Equal("boolean", Spec.Properties["isOn"].Type);
        Assert.Equal(("string", "date-time"), (Spec.Properties["since"].Type, Spec.Properties["since"].Format));
        Assert.Equal("array", Spec.Properties["tags"].Type);
        Assert.Equal("string", ((V1JSONSchemaProps)Spec.Properties["tags"].Items).Type);
        Assert.Equal("string", ((V1JSONSchemaProps)Spec.Properties["limits"].AdditionalProperties).Type);
        Assert.True(Spec.Properties["free"].XKubernetesPreserveUnknownFields);
    }

    [Fact]
    public void An_enum_and_values_listed_are_what_is_allowed()
    {
        Assert.Equal(["Fast", "Slow"], Spec.Properties["mode"].EnumProperty.Select(value => value.ToString()));
        Assert.Equal(["a", "b"], Spec.Properties["letter"].EnumProperty.Select(value => value.ToString()));
    }

    [Fact]
    public void A_union_is_optional_members_and_a_rule_that_one_is_set()
    {
        var union = Spec.Properties["source"];
        Assert.Equal(["claim", "url"], union.Properties.Keys.Order());
        Assert.True(union.Properties["url"].Nullable);
        var rule = Assert.Single(union.XKubernetesValidations);
        Assert.Equal("has(self.url) != has(self.claim)", rule.Rule);
        Assert.Equal("exactly one source", rule.Message);
        Assert.Null(union.Required);
    }

    [Fact]
    public void Bounds_patterns_and_defaults_are_kept()
    {
        Assert.Equal((1, 9), (Spec.Properties["count"].Minimum, Spec.Properties["count"].Maximum));
        Assert.Equal("^[a-z]+$", Spec.Properties["name"].Pattern);
        Assert.Equal((2, 8), (Spec.Properties["name"].MinLength, Spec.Properties["name"].MaxLength));
        Assert.Equal(["name"], Spec.Required);
        Assert.Equal("A name.", Spec.Properties["name"].Description);
        Assert.DoesNotContain("hidden", Spec.Properties.Keys);
        Assert.Contains("renamed", Spec.Properties.Keys);
    }

    [Fact]
    public void Printer_columns_come_from_properties_and_from_the_class()
    {
        var columns = Definition.Spec.Versions[0].AdditionalPrinterColumns;
        var count = Assert.Single(columns, column => column.JsonPath == ".spec.count");
        Assert.Equal(("Count", "integer", 1), (count.Name, count.Type, count.Priority));
        var age = Assert.Single(columns, column => column.JsonPath == ".metadata.creationTimestamp");
        Assert.Equal(("Age", "date"), (age.Name, age.Type));
    }

    [KubernetesEntity(Group = "test.dev", ApiVersion = "v1beta1", Kind = "Sample", PluralName = "samples")]
    [KubernetesEntityShortNames("smp")]
    [EntityScope(EntityScope.Cluster)]
    [ScaleSubresource(".spec.count", ".status.count")]
    [GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
    public sealed class Sample : CustomKubernetesEntity<SampleSpec, ThingStatus>;

    public sealed class SampleSpec
    {
        [Required]
        [Description("A name.")]
        [Pattern("^[a-z]+$")]
        [Length(2, 8)]
        public string Name { get; set; } = string.Empty;

        [RangeMinimum(1)]
        [RangeMaximum(9)]
        [AdditionalPrinterColumn(PrinterColumnPriority.WideView, "Count")]
        public int Count { get; set; }

        public double Rate { get; set; }

        public bool IsOn { get; set; }

        public DateTime Since { get; set; }

        public IList<string> Tags { get; set; } = [];

        public IDictionary<string, string> Limits { get; set; } = new Dictionary<string, string>();

        [PreserveUnknownFields]
        public object? Free { get; set; }

        public Modes Mode { get; set; }

        [EnumValues("a", "b")]
        public string Letter { get; set; } = "a";

        public Source Source { get; set; } = new();

        [Ignore]
        public string Hidden { get; set; } = string.Empty;

        [JsonPropertyName("renamed")]
        public string Original { get; set; } = string.Empty;
    }

    [ValidationRule("has(self.url) != has(self.claim)", message: "exactly one source")]
    public sealed class Source
    {
        public string? Url { get; set; }

        public string? Claim { get; set; }
    }

    public enum Modes
    {
        Fast,
        Slow,
    }
}
