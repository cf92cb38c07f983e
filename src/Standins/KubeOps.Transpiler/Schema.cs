using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler;

/// <summary>The structural schema of types and properties.</summary>
internal static class Schema
{
    private static readonly Type[] NoAncestors = [];

    public static V1JSONSchemaProps OfEntity(Type entity)
    {
        var properties = entity.GetProperties()
            .Where(property => property.Name.ToLowerInvariant() is not ("metadata" or "apiversion" or "kind"))
            .Where(property => !property.Has<IgnoreAttribute>())
            .ToList();
        return new V1JSONSchemaProps
        {
            Type = "object",
            Title = Text<TitleAttribute>(entity),
            Description = Text<DescriptionAttribute>(entity),
            Properties = PropertiesOf(properties, NoAncestors),
            Required = NullIfEmpty(properties.Where(IsRequiredSpec).Select(NameOf)),
            XKubernetesValidations = RulesOf(entity),
        };
    }

    public static V1JSONSchemaProps OfProperty(PropertyInfo property) => OfProperty(property, NoAncestors);

    public static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(
        property.Find<JsonPropertyNameAttribute>()?.Argument<string>(0) ?? property.Name);

    private static V1JSONSchemaProps OfProperty(PropertyInfo property, Type[] ancestors)
    {
        var embedded = property.Has<EmbeddedResourceAttribute>();
        var open = property.Has<PreserveUnknownFieldsAttribute>();
        var schema = embedded ? new V1JSONSchemaProps { Type = "object" }
            : open ? OfTypeOrOpen(property.PropertyType, ancestors)
            : OfType(property.PropertyType, ancestors);

        schema.Title ??= Text<TitleAttribute>(property);
        schema.Description ??= Text<DescriptionAttribute>(property);
        if (IsNullable(property))
        {
            schema.Nullable = true;
        }

        SchemaAttributes.Apply(property, schema);
        if (open || embedded)
        {
            schema.XKubernetesPreserveUnknownFields = true;
        }

        if (embedded)
        {
            schema.XKubernetesEmbeddedResource = true;
        }

        if (SchemaAttributes.Rules(property.FindAll<ValidationRuleAttribute>()) is { } rules)
        {
            schema.XKubernetesValidations = [.. schema.XKubernetesValidations ?? [], .. rules];
        }

        SchemaRules.CheckProperty(property, schema);
        return schema;
    }

    private static V1JSONSchemaProps OfTypeOrOpen(Type type, Type[] ancestors)
    {
        try
        {
            return OfType(type, ancestors);
        }
        catch (InvalidSchemaException)
        {
            return new V1JSONSchemaProps { Type = "object" };
        }
    }

    private static V1JSONSchemaProps OfType(Type type, Type[] ancestors)
    {
        switch (type.FullName)
        {
            case "System.String":
                return new V1JSONSchemaProps { Type = "string" };
            case "System.Object":
                return new V1JSONSchemaProps { Type = "object", XKubernetesPreserveUnknownFields = true };
        }

        if (type.Name == typeof(Nullable<>).Name && type.GenericTypeArguments is [var underlying])
        {
            var schema = OfType(underlying, ancestors);
            schema.Nullable = true;
            return schema;
        }

        if (FindInterface(type, typeof(IDictionary<,>)) is { } dictionary)
        {
            return MapOf(dictionary.GenericTypeArguments[1], ancestors);
        }

        if (FindInterface(type, typeof(IDictionary)) is not null)
        {
            return new V1JSONSchemaProps { Type = "object", XKubernetesPreserveUnknownFields = true };
        }

        if (FindInterface(type, typeof(IEnumerable<>)) is { } enumerable)
        {
            var item = enumerable.GenericTypeArguments[0];
            return item.IsGenericType && item.GetGenericTypeDefinition().FullName == typeof(KeyValuePair<,>).FullName
                ? MapOf(item.GenericTypeArguments[1], ancestors)
                : new V1JSONSchemaProps { Type = "array", Items = OfType(item, ancestors) };
        }

        return RootOf(type) switch
        {
            "System.Object" => OfClass(type, ancestors),
            "System.ValueType" => OfValue(type),
            "System.Enum" => new V1JSONSchemaProps { Type = "string", EnumProperty = NamesOf(type) },
            _ => throw NotAnEntity(type),
        };
    }

    private static V1JSONSchemaProps MapOf(Type value, Type[] ancestors) =>
        new() { Type = "object", AdditionalProperties = OfType(value, ancestors) };

    private static V1JSONSchemaProps OfValue(Type type) => type.FullName switch
    {
        "System.Boolean" => new V1JSONSchemaProps { Type = "boolean" },
        "System.Int32" => new V1JSONSchemaProps { Type = "integer", Format = "int32" },
        "System.Int64" => new V1JSONSchemaProps { Type = "integer", Format = "int64" },
        "System.Single" => new V1JSONSchemaProps { Type = "number", Format = "float" },
        "System.Double" => new V1JSONSchemaProps { Type = "number", Format = "double" },
        "System.Decimal" => new V1JSONSchemaProps { Type = "number", Format = "decimal" },
        "System.DateTime" or "System.DateTimeOffset" => new V1JSONSchemaProps { Type = "string", Format = "date-time" },
        "System.Guid" => new V1JSONSchemaProps { Type = "string", Format = "uuid" },
        _ => throw NotAnEntity(type),
    };

    private static V1JSONSchemaProps OfClass(Type type, Type[] ancestors)
    {
        switch (type.FullName)
        {
            case "k8s.Models.ResourceQuantity":
                return new V1JSONSchemaProps { Type = "string" };
            case "k8s.Models.IntOrString":
                return new V1JSONSchemaProps { XKubernetesIntOrString = true };
            case "k8s.Models.V1ObjectMeta":
                return new V1JSONSchemaProps { Type = "object" };
        }

        if (IsBuiltInKind(type))
        {
            return new V1JSONSchemaProps
            {
                Type = "object",
                XKubernetesEmbeddedResource = true,
                XKubernetesPreserveUnknownFields = true,
            };
        }

        if (ancestors.Contains(type))
        {
            throw new InvalidSchemaException(
                $"A circular type reference was detected while transpiling the CRD schema for '{type.Place()}'. "
                + "Break the cycle, or annotate the property with [PreserveUnknownFields] or [Ignore].");
        }

        var rules = RulesOf(type);
        V1JSONSchemaProps schema;
        try
        {
            schema = OfProperties(type, [.. ancestors, type], rules);
        }
        catch (InvalidSchemaException) when (type.Has<PreserveUnknownFieldsAttribute>())
        {
            schema = new V1JSONSchemaProps { Type = "object", XKubernetesPreserveUnknownFields = true };
        }

        if (type.FindAllInherited<DefaultValueAttribute>().FirstOrDefault() is { } value)
        {
            schema.DefaultProperty = SchemaAttributes.Value(type, value);
        }

        return schema;
    }

    private static V1JSONSchemaProps OfProperties(Type type, Type[] ancestors, List<V1ValidationRule>? rules)
    {
        var properties = type.GetProperties().Where(property => !property.Has<IgnoreAttribute>()).ToList();
        return new V1JSONSchemaProps
        {
            Type = "object",
            Title = Text<TitleAttribute>(type),
            Description = Text<DescriptionAttribute>(type),
            Properties = PropertiesOf(properties, ancestors),
            Required = NullIfEmpty(properties.Where(property => property.Has<RequiredAttribute>()).Select(NameOf)),
            XKubernetesPreserveUnknownFields = type.Has<PreserveUnknownFieldsAttribute>() ? true : null,
            XKubernetesValidations = rules,
        };
    }

    private static Dictionary<string, V1JSONSchemaProps> PropertiesOf(
        IEnumerable<PropertyInfo> properties,
        Type[] ancestors) =>
        properties
            .Select(property => (Name: NameOf(property), Schema: OfProperty(property, ancestors)))
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .ToDictionary(property => property.Name, property => property.Schema);

    private static List<V1ValidationRule>? RulesOf(Type type)
    {
        var rules = type.FindAllInherited<ValidationRuleAttribute>().ToList();
        foreach (var rule in rules)
        {
            SchemaRules.CheckRule(type, rule);
        }

        return SchemaAttributes.Rules(rules);
    }

    private static List<object> NamesOf(Type type)
    {
        var written = type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (field.Name, As: field.Find<JsonStringEnumMemberNameAttribute>()?.Argument<string>(0)))
            .Where(field => field.As is not null)
            .ToDictionary(field => field.Name, field => field.As!);
        return Enum.GetNames(type).Select(name => (object)written.GetValueOrDefault(name, name)).ToList();
    }

    private static Type? FindInterface(Type type, Type wanted)
    {
        IEnumerable<Type> interfaces = type.GetInterfaces();
        return (type.IsInterface ? interfaces.Append(type) : interfaces)
            .FirstOrDefault(i => (i.IsGenericType ? i.GetGenericTypeDefinition() : i).FullName == wanted.FullName);
    }

    private static string? RootOf(Type type)
    {
        var current = type;
        while (current.BaseType is { } parent)
        {
            if (parent.FullName is "System.Object" or "System.ValueType" or "System.Enum")
            {
                return parent.FullName;
            }

            current = parent;
        }

        return current.FullName;
    }

    private static bool IsBuiltInKind(Type type) =>
        !type.IsAbstract
        && type.Assembly.GetName().Name == typeof(IKubernetesObject).Assembly.GetName().Name
        && type.GetInterfaces().Any(i => i.FullName == typeof(IKubernetesObject).FullName);

    private static bool IsNullable(PropertyInfo property) =>
        property.PropertyType.FullName?.Contains("Nullable", StringComparison.Ordinal) == true
        || new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    private static bool IsRequiredSpec(PropertyInfo property) =>
        property.Name.Equals("spec", StringComparison.OrdinalIgnoreCase)
        && (property.PropertyType.Has<RequiredAttribute>()
            || property.PropertyType.GetProperties().Any(p => p.Has<RequiredAttribute>() && !p.Has<IgnoreAttribute>()));

    private static string? Text<TAttribute>(MemberInfo member)
        where TAttribute : Attribute =>
        member.Find<TAttribute>()?.Argument<string>(0);

    private static List<string>? NullIfEmpty(IEnumerable<string> names)
    {
        var list = names.Order(StringComparer.Ordinal).ToList();
        return list.Count > 0 ? list : null;
    }

    private static InvalidSchemaException NotAnEntity(Type type) =>
        new($"The given type '{type.Place()}' is not a valid Kubernetes entity.");
}
