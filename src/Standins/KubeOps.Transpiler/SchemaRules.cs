using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler;

/// <summary>What the API server would refuse in a definition, found before it is asked.</summary>
internal static class SchemaRules
{
    private static readonly string[] ColumnTypes = ["integer", "number", "string", "boolean", "date"];

    private static readonly string[] ColumnFormats =
        ["int32", "int64", "float", "double", "byte", "date", "date-time", "password"];

    private static readonly string[] Reasons =
        ["FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate"];

    public static void CheckProperty(PropertyInfo property, V1JSONSchemaProps schema)
    {
        if (property.Find<FormatAttribute>()?.Argument<string>(0) is { } format)
        {
            Require<FormatAttribute>(
                property,
                !string.IsNullOrWhiteSpace(format),
                "OpenAPI format must be null or contain at least one non-whitespace character.");
        }

        CheckEnum(property, schema);
        Require<UniqueItemsAttribute>(
            property,
            !property.Has<UniqueItemsAttribute>(),
            "Kubernetes CRD schemas do not allow uniqueItems to be set to true. "
            + "Use [XListType(XListType.Set)] for Kubernetes set semantics.");
        CheckList(property, schema);
        if (property.Has<XMapTypeAttribute>())
        {
            RequireType<XMapTypeAttribute>(property, schema, "object");
        }

        foreach (var rule in property.FindAll<ValidationRuleAttribute>())
        {
            CheckRule(property, rule);
        }
    }

    public static void CheckColumn(MemberInfo member, string attribute, V1CustomResourceColumnDefinition column)
    {
        Require(member, attribute, !string.IsNullOrEmpty(column.Name), "Additional printer column name is required.");
        Require(
            member,
            attribute,
            ColumnTypes.Contains(column.Type),
            $"Additional printer column '{column.Name}' requires type integer, number, string, boolean, or date, "
            + $"but generated type is '{column.Type ?? "<none>"}'.");
        Require(
            member,
            attribute,
            string.IsNullOrEmpty(column.Format) || ColumnFormats.Contains(column.Format),
            $"Additional printer column '{column.Name}' has unsupported format '{column.Format}'.");
        Require(
            member,
            attribute,
            !string.IsNullOrEmpty(column.JsonPath),
            "Additional printer column JSONPath is required.");
    }

    public static void CheckRule(MemberInfo member, CustomAttributeData attribute)
    {
        var rule = attribute.Argument<string>(0);
        var path = attribute.Argument<string>(1);
        var message = attribute.Argument<string>(2);
        var expression = attribute.Argument<string>(3);
        var reason = attribute.Argument<string>(4);

        Require(!string.IsNullOrWhiteSpace(rule), "Validation rule must not be empty.");
        foreach (var (text, name) in new[] { (message, "message"), (expression, "messageExpression"), (path, "fieldPath") })
        {
            Require(
                string.IsNullOrEmpty(text) || !string.IsNullOrWhiteSpace(text),
                $"Validation rule {name} must not be empty when specified.");
        }

        Require(!HasLineBreak(message?.Trim()), "Validation rule message must not contain line breaks.");
        Require(!HasLineBreak(path), "Validation rule fieldPath must not contain line breaks.");
        Require(
            !HasLineBreak(rule!.Trim()) || !string.IsNullOrWhiteSpace(message),
            "Validation rule message must be specified if the rule contains line breaks.");
        Require(
            reason is null || Reasons.Contains(reason),
            $"Validation rule reason '{reason}' is not supported.");

        void Require(bool holds, string otherwise) => Require<ValidationRuleAttribute>(member, holds, otherwise);
    }

    private static void CheckEnum(PropertyInfo property, V1JSONSchemaProps schema)
    {
        if (!property.Has<EnumValuesAttribute>())
        {
            return;
        }

        var values = schema.EnumProperty ?? [];
        Require<EnumValuesAttribute>(property, values.Count > 0, "At least one enum value is required.");
        Require<EnumValuesAttribute>(
            property,
            values.Distinct().Count() == values.Count,
            "Enum values must be unique.");
        Require<EnumValuesAttribute>(
            property,
            values.All(Fits),
            $"Enum values must match the generated schema type '{schema.Type ?? "integer or string"}'.");

        bool Fits(object value) => schema switch
        {
            { XKubernetesIntOrString: true } => value is string or long,
            { Type: "string" } => value is string,
            { Type: "integer" } => value is long,
            { Type: "number" } => value is long or double,
            _ => false,
        };
    }

    private static void CheckList(PropertyInfo property, V1JSONSchemaProps schema)
    {
        var typeAttribute = property.Find<XListTypeAttribute>();
        var keysAttribute = property.Find<XListMapKeysAttribute>();
        if (typeAttribute is null && keysAttribute is null)
        {
            return;
        }

        RequireType<XListTypeAttribute>(property, schema, "array");
        XListType? type = typeAttribute?.Argument<XListType>(0);
        var keys = keysAttribute?.Arguments(0)?.Cast<string>().ToList() ?? [];
        Require<XListMapKeysAttribute>(
            property,
            keys.Count == 0 || type is XListType.Map,
            $"{nameof(XListMapKeysAttribute)} requires [XListType(XListType.Map)].");
        if (type is null)
        {
            return;
        }

        if (schema.Items is not V1JSONSchemaProps item)
        {
            throw Refusal(
                property, nameof(XListTypeAttribute), "Kubernetes list topology requires an array item schema.");
        }

        Require<XListTypeAttribute>(
            property,
            type is XListType.Atomic || item.Nullable != true,
            $"Items of Kubernetes '{schema.XKubernetesListType}' lists cannot be nullable.");
        if (type is XListType.Set)
        {
            CheckSetItem(property, item);
        }
        else if (type is XListType.Map)
        {
            CheckMapItem(property, item, keys);
        }
    }

    private static void CheckSetItem(PropertyInfo property, V1JSONSchemaProps item)
    {
        Require<XListTypeAttribute>(
            property,
            item.Type != "array" || item.XKubernetesListType is null or "atomic",
            "Items of Kubernetes set lists must have atomic list topology, but the nested list item "
            + $"declares x-kubernetes-list-type '{item.XKubernetesListType}'.");
        Require<XListTypeAttribute>(
            property,
            item.Type != "object" || item.XKubernetesMapType == "atomic",
            "Set lists with object items require atomic item topology, which KubeOps cannot "
            + "currently express at item level. Use scalar items or XListType.Atomic.");
    }

    private static void CheckMapItem(PropertyInfo property, V1JSONSchemaProps item, List<string> keys)
    {
        Require(keys.Count > 0, "Kubernetes map lists require at least one list-map key.");
        Require<XListTypeAttribute>(
            property,
            item.Type == "object",
            $"Kubernetes map-list items must be 'object', but generated item type is '{item.Type ?? "<none>"}'.");
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var name = $"Kubernetes map-list key '{key}'";
            Require(keys.IndexOf(key) == i, $"{name} is duplicated.");
            V1JSONSchemaProps? schema = null;
            Require(item.Properties?.TryGetValue(key, out schema) == true, $"{name} must be an item property.");
            Require(
                schema!.Type is not ("object" or "array"),
                $"{name} must be scalar, but generated type is '{schema.Type}'.");
            Require(schema.Nullable != true, $"{name} cannot be nullable.");
            Require(
                item.Required?.Contains(key) == true,
                $"{name} must be required. Add [Required] to the item property.");
        }

        void Require(bool holds, string otherwise) => Require<XListMapKeysAttribute>(property, holds, otherwise);
    }

    private static void RequireType<TAttribute>(PropertyInfo property, V1JSONSchemaProps schema, string type)
        where TAttribute : Attribute =>
        Require<TAttribute>(
            property,
            schema.Type == type,
            $"{typeof(TAttribute).Name} requires schema type '{type}', but generated type is "
            + $"'{schema.Type ?? "<none>"}'.");

    private static void Require<TAttribute>(MemberInfo member, bool holds, string otherwise)
        where TAttribute : Attribute =>
        Require(member, typeof(TAttribute).Name, holds, otherwise);

    private static void Require(MemberInfo member, string attribute, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Refusal(member, attribute, otherwise);
        }
    }

    private static InvalidSchemaException Refusal(MemberInfo member, string attribute, string otherwise) =>
        new($"The attribute '{attribute}' on '{member.Place()}' generates an invalid Kubernetes CRD schema. {otherwise}");

    private static bool HasLineBreak(string? text) => text?.AsSpan().ContainsAny('\n', '\r') == true;
}
