using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>Schemas of the built-in kinds, read from the client's model classes, completed by <see cref="ModelFacts"/>.</summary>
internal static class ModelSchemas
{
    private static readonly ConcurrentDictionary<Type, Schema> Known = new();
    private static readonly Lock Building = new();

    /// <summary>The schema of a model class.</summary>
    public static Schema Of(Type type)
    {
        if (Known.TryGetValue(type, out Schema? known))
        {
            return known;
        }

        lock (Building)
        {
            return Build(type, []);
        }
    }

    private static Schema Build(Type type, Dictionary<Type, Schema> underWay)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Known.TryGetValue(type, out Schema? known) || underWay.TryGetValue(type, out known))
        {
            return known;
        }

        if (Scalar(type) is { } scalar)
        {
            return scalar;
        }

        if (type == typeof(V1JSONSchemaProps) || type == typeof(object))
        {
            return Schema.Any;
        }

        if (type.IsGenericType && type.GetGenericArguments() is var arguments)
        {
            return arguments.Length == 2
                ? new Schema { Type = "object", AdditionalProperties = Build(arguments[1], underWay) }
                : new Schema { Type = "array", Items = Build(arguments[0], underWay) };
        }

        Schema schema = new() { Type = "object", Definition = DefinitionNames.Of(type) };
        underWay[type] = schema;
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name is { } name)
            {
                schema.Properties[name] = ModelFacts.Complete(type, name, Build(property.PropertyType, underWay));
            }
        }

        ModelFacts.Complete(type, schema);
        if (underWay.Values.First() == schema)
        {
            foreach ((Type built, Schema value) in underWay)
            {
                Known[built] = value;
            }
        }

        return schema;
    }

    private static Schema? Scalar(Type type) => type switch
    {
        _ when type == typeof(string) => new Schema { Type = "string" },
        _ when type == typeof(bool) => new Schema { Type = "boolean" },
        _ when type == typeof(int) => new Schema { Type = "integer", Format = "int32" },
        _ when type == typeof(long) => new Schema { Type = "integer", Format = "int64" },
        _ when type == typeof(double) || type == typeof(float) => new Schema { Type = "number", Format = "double" },
        _ when type == typeof(DateTime) => new Schema { Type = "string", Format = "date-time" },
        _ when type == typeof(byte[]) => new Schema { Type = "string", Format = "byte" },
        _ when type == typeof(IntOrString) => new Schema { Format = "int-or-string", IntOrString = true },
        _ when type == typeof(ResourceQuantity) => new Schema { Format = "quantity", IntOrString = true },
        _ => null,
    };
}
