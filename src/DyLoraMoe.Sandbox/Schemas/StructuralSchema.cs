using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Sandbox.Json;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>Reads the <c>openAPIV3Schema</c> of a CustomResourceDefinition.</summary>
internal static class StructuralSchema
{
    /// <summary>The schema of a whole custom resource: what the definition says, with the standard apiVersion, kind and metadata.</summary>
    public static Schema OfResource(JsonNode? source)
    {
        Schema schema = Read(source);
        schema.Type = "object";
        JsonNode? metadata = source.At("properties", "metadata");
        schema.Properties["apiVersion"] = new Schema { Type = "string" };
        schema.Properties["kind"] = new Schema { Type = "string" };
        Schema meta = ModelSchemas.Of(typeof(V1ObjectMeta));
        if (metadata is not null)
        {
            schema.AllOf.Add(new Schema { Properties = { ["metadata"] = Read(metadata) } });
        }

        schema.Properties["metadata"] = meta;
        return schema;
    }

    /// <summary>Reads one level of the schema and all below it.</summary>
    public static Schema Read(JsonNode? source)
    {
        Schema schema = new()
        {
            Type = source.Text("type") ?? "",
            PreserveUnknown = source.Flag("x-kubernetes-preserve-unknown-fields") ?? false,
            IntOrString = source.Flag("x-kubernetes-int-or-string") ?? false,
            EmbeddedResource = source.Flag("x-kubernetes-embedded-resource") ?? false,
            Nullable = source.Flag("nullable") ?? false,
            Default = source.At("default"),
            Enum = source.At("enum") is JsonArray values ? [.. values] : null,
            Format = source.Text("format") ?? "",
            PatternText = source.Text("pattern") ?? "",
            Minimum = source.At("minimum")?.ToDouble(),
            Maximum = source.At("maximum")?.ToDouble(),
            ExclusiveMinimum = source.Flag("exclusiveMinimum") ?? false,
            ExclusiveMaximum = source.Flag("exclusiveMaximum") ?? false,
            MultipleOf = source.At("multipleOf")?.ToDouble(),
            MinLength = source.Whole("minLength"),
            MaxLength = source.Whole("maxLength"),
            MinItems = source.Whole("minItems"),
            MaxItems = source.Whole("maxItems"),
            MinProperties = source.Whole("minProperties"),
            MaxProperties = source.Whole("maxProperties"),
            ListType = source.Text("x-kubernetes-list-type") switch { "map" => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic },
            ListKeys = [.. source.Texts("x-kubernetes-list-map-keys")],
            AtomicMap = source.Text("x-kubernetes-map-type") == "atomic",
            Description = source.Text("description") ?? "",
            Items = source.Map("items") is { } items ? Read(items) : null,
            AdditionalProperties = source.At("additionalProperties") switch
            {
                JsonObject every => Read(every),
                JsonValue => source.Flag("additionalProperties") == true ? Schema.Any : null,
                _ => null,
            },
            Not = source.Map("not") is { } not ? Read(not) : null,
        };
        if (schema.PatternText.Length > 0)
        {
            schema.Pattern = new Regex(schema.PatternText, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }

        foreach ((string name, JsonNode? property) in source.Map("properties") ?? [])
        {
            schema.Properties[name] = Read(property);
        }

        schema.Required.UnionWith(source.Texts("required"));
        schema.AllOf.AddRange(source.Items("allOf").Select(Read));
        schema.AnyOf.AddRange(source.Items("anyOf").Select(Read));
        schema.OneOf.AddRange(source.Items("oneOf").Select(Read));
        schema.Rules.AddRange(source.Items("x-kubernetes-validations").Select(rule => new ValidationRule(
            rule.Text("rule") ?? "", rule.Text("message") ?? "", rule.Text("messageExpression") ?? "",
            rule.Text("reason") ?? "FieldValueInvalid", rule.Text("fieldPath") ?? "", rule.Flag("optionalOldSelf") ?? false)));
        return schema;
    }
}
