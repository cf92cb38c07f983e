using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using k8s.Models;

namespace DyLoraMoe.Crds;

/// <summary>
/// Adds to a transpiled schema what attributes cannot say: descriptions from doc comments, bounds of items, quantities, the type of every list,
/// and a bound for every string, without which the API server could not tell what a rule may cost.
/// </summary>
internal static class SchemaCompletion
{
    /// <summary>Most of an integer of 64 bits, and of its negative: what floating point, in which the API server compares bounds, still has exactly.</summary>
    public const long LargestLong = 9_007_199_254_740_991;

    public static void Complete(JsonObject schema, Type kind)
    {
        Class(schema, kind);
        schema["description"] = Descriptions.Of(kind);
        var properties = schema["properties"]!.AsObject();
        foreach (var name in new[] { "spec", "status" })
        {
            properties[name]!["description"] = Descriptions.Of(kind.GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)!.PropertyType);
        }

        properties["apiVersion"] = Fragments.Text("Group and version of the resource.");
        properties["kind"] = Fragments.Text("Kind of the resource.");
        properties["metadata"] = new JsonObject { ["type"] = "object" };
        CompleteDefaults(schema);
    }

    /// <summary>
    /// Writes the defaults of an object's fields into the object's own default. The API server fills them in for a resource, but not when it
    /// checks the definition: rules would then look for fields that are not there, and the definition would be refused.
    /// </summary>
    private static void CompleteDefaults(JsonObject schema)
    {
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            CompleteDefaults(property!.AsObject());
            if (schema["default"] is JsonObject whole && property!["default"] is { } value)
            {
                whole[name] ??= value.DeepClone();
            }
        }
    }

    private static void Class(JsonObject schema, Type type)
    {
        if (schema["properties"] is not JsonObject properties)
        {
            return;
        }

        foreach (var property in type.GetProperties())
        {
            if (properties[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] is JsonObject value && property.DeclaringType != typeof(object))
            {
                Property(value, property);
            }
        }
    }

    private static void Property(JsonObject schema, PropertyInfo property)
    {
        Value(schema, property.PropertyType, property.GetCustomAttribute<EachAttribute>());
        if (Descriptions.Find(property) is { } description)
        {
            schema["description"] = description;
        }
    }

    private static void Value(JsonObject schema, Type type, EachAttribute? each)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        Clean(schema);
        if (Fragments.Find(type) is { } fragment)
        {
            schema.Clear();
            Merge(schema, fragment);
        }
        else if (type == typeof(IntOrString))
        {
            schema["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
            schema["maxLength"] = Bounds.NumberLength;
        }
        else if (type == typeof(string))
        {
            Text(schema);
        }
        else if (type == typeof(int))
        {
            Integer(schema, int.MinValue, int.MaxValue);
        }
        else if (type == typeof(long))
        {
            Integer(schema, -LargestLong, LargestLong);
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema["pattern"] = Patterns.Time;
        }
        else if (typeof(IDictionary<string, string>).IsAssignableFrom(type))
        {
            Each(schema["additionalProperties"]!.AsObject(), each);
        }
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            schema["x-kubernetes-list-type"] ??= "atomic";
            Item(schema["items"]!.AsObject(), type.GenericTypeArguments[0], each);
        }
        else
        {
            Class(schema, type);
        }
    }

    private static void Item(JsonObject schema, Type type, EachAttribute? each)
    {
        if (type == typeof(string))
        {
            Each(schema, each);
            return;
        }

        Value(schema, type, null);
        if (schema["description"] is null && Descriptions.Find(type) is { } description)
        {
            schema["description"] = description;
        }
    }

    private static void Each(JsonObject schema, EachAttribute? each)
    {
        Clean(schema);
        if (each?.Pattern is { } pattern)
        {
            schema["pattern"] = pattern;
        }

        schema["maxLength"] = each?.MaxLength ?? Bounds.TextLength;
    }

    // The format alone bounds nothing before Kubernetes 1.36, and a number that does not fit its field cannot be read.
    private static void Integer(JsonObject schema, long least, long most)
    {
        schema["minimum"] ??= least;
        schema["maximum"] ??= most;
    }

    private static void Text(JsonObject schema)
    {
        if (schema["maxLength"] is null && schema["enum"] is null && schema["format"] is null)
        {
            schema["maxLength"] = Bounds.TextLength;
        }
    }

    /// <summary>An explicit null is no value of ours, and what holds anyway needs not be said.</summary>
    private static void Clean(JsonObject schema)
    {
        schema.Remove("nullable");
        foreach (var name in new[] { "exclusiveMinimum", "exclusiveMaximum" })
        {
            if (schema[name]?.GetValue<bool>() == false)
            {
                schema.Remove(name);
            }
        }

        foreach (var name in new[] { "minLength", "minItems", "minProperties" })
        {
            if (schema[name]?.GetValue<long>() == 0)
            {
                schema.Remove(name);
            }
        }
    }

    private static void Merge(JsonObject schema, JsonObject fragment)
    {
        foreach (var (name, value) in fragment)
        {
            schema[name] = value?.DeepClone();
        }
    }
}
