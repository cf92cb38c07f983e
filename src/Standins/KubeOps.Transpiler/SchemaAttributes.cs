using System.Reflection;
using System.Text.Json;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler;

/// <summary>What the attributes of a property add to its schema.</summary>
internal static class SchemaAttributes
{
    public static void Apply(PropertyInfo property, V1JSONSchemaProps schema)
    {
        ApplyValues(property, schema);
        ApplyBounds(property, schema);
        ApplyTopology(property, schema);
    }

    public static List<V1ValidationRule>? Rules(IEnumerable<CustomAttributeData> attributes)
    {
        var rules = attributes.Select(attribute => new V1ValidationRule
        {
            Rule = attribute.Argument<string>(0),
            FieldPath = attribute.Argument<string>(1),
            Message = attribute.Argument<string>(2),
            MessageExpression = attribute.Argument<string>(3),
            Reason = attribute.Argument<string>(4),
        }).ToList();
        return rules.Count > 0 ? rules : null;
    }

    /// <summary>A default or an example: the constant, or what its JSON says.</summary>
    public static object? Value(MemberInfo member, CustomAttributeData attribute)
    {
        var value = attribute.ConstructorArguments[0].Value;
        if (!attribute.Property<bool>(nameof(DefaultValueAttribute.Json)))
        {
            return value;
        }

        if (value is not string json)
        {
            throw new InvalidSchemaException(
                $"The attribute '{attribute.AttributeType.Name}' on '{member.Place()}' can only enable JSON parsing "
                + "for string values.");
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return Value(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidSchemaException(
                $"The attribute '{attribute.AttributeType.Name}' on '{member.Place()}' contains invalid JSON.", e);
        }
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var integer) ? integer : (object)element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static void ApplyValues(PropertyInfo property, V1JSONSchemaProps schema)
    {
        if (property.Find<DefaultValueAttribute>() is { } value)
        {
            schema.DefaultProperty = Value(property, value);
        }

        if (property.Find<ExampleAttribute>() is { } example)
        {
            schema.Example = Value(property, example);
        }

        if (property.Find<FormatAttribute>() is { } format)
        {
            schema.Format = format.Argument<string>(0);
        }

        if (property.Find<EnumValuesAttribute>() is { } values)
        {
            schema.EnumProperty = values.Arguments(0)?.ToList();
        }

        if (property.Find<PatternAttribute>() is { } pattern)
        {
            schema.Pattern = pattern.Argument<string>(0);
        }

        if (property.Find<ExternalDocsAttribute>() is { } docs)
        {
            schema.ExternalDocs = new V1ExternalDocumentation
            {
                Url = docs.Argument<string>(0),
                Description = docs.Argument<string>(1),
            };
        }
    }

    private static void ApplyBounds(PropertyInfo property, V1JSONSchemaProps schema)
    {
        if (property.Find<RangeMinimumAttribute>() is { } minimum)
        {
            schema.Minimum = minimum.Argument<double>(0);
            schema.ExclusiveMinimum = minimum.Argument<bool>(1);
        }

        if (property.Find<RangeMaximumAttribute>() is { } maximum)
        {
            schema.Maximum = maximum.Argument<double>(0);
            schema.ExclusiveMaximum = maximum.Argument<bool>(1);
        }

        if (property.Find<MultipleOfAttribute>() is { } divisor)
        {
            schema.MultipleOf = divisor.Argument<double>(0);
        }

        if (property.Find<LengthAttribute>() is { } length)
        {
            (schema.MinLength, schema.MaxLength) = Bounds(length);
        }

        if (property.Find<ItemsAttribute>() is { } items)
        {
            (schema.MinItems, schema.MaxItems) = Bounds(items);
        }

        if (property.Find<PropertyLimitsAttribute>() is { } entries)
        {
            (schema.MinProperties, schema.MaxProperties) = Bounds(entries);
        }
    }

    private static void ApplyTopology(PropertyInfo property, V1JSONSchemaProps schema)
    {
        if (property.Find<XListTypeAttribute>() is { } list)
        {
            schema.XKubernetesListType = list.Argument<XListType>(0).ToString().ToLowerInvariant();
        }

        if (property.Find<XListMapKeysAttribute>() is { } keys)
        {
            schema.XKubernetesListMapKeys = keys.Arguments(0)?.Cast<string>().ToList() ?? [];
        }

        if (property.Find<XMapTypeAttribute>() is { } map)
        {
            schema.XKubernetesMapType = map.Argument<XMapType>(0).ToString().ToLowerInvariant();
        }
    }

    private static (long? Minimum, long? Maximum) Bounds(CustomAttributeData attribute)
    {
        return (Bound(0), Bound(1));

        long? Bound(int index) => attribute.Argument<long>(index) is var bound and not -1 ? bound : null;
    }
}
