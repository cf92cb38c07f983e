using System.Collections.ObjectModel;
using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>Makes an instance of the attribute and reads it.</summary>
public sealed class ReflectionInheritedAttributeResolver : IInheritedAttributeResolver
{
    /// <summary>The one that is used when none is given.</summary>
    public static readonly ReflectionInheritedAttributeResolver Default = new();

    /// <inheritdoc/>
    public bool TryResolve(Type attributeType, out IReadOnlyDictionary<string, object?> propertyValues)
    {
        propertyValues = ReadOnlyDictionary<string, object?>.Empty;
        if (Loaded(attributeType) is not { } type || Activator.CreateInstance(type, nonPublic: true) is not Attribute attribute)
        {
            return false;
        }

        propertyValues = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
            .ToDictionary(property => property.Name, property => property.GetValue(attribute), StringComparer.Ordinal);
        return propertyValues.Count > 0;
    }

    private static Type? Loaded(Type type)
    {
        if (type.AssemblyQualifiedName is { } qualified && Type.GetType(qualified, throwOnError: false) is { } found)
        {
            return found;
        }

        return type.FullName is { } name
            ? AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetType(name)).FirstOrDefault(t => t is not null)
            : null;
    }
}
