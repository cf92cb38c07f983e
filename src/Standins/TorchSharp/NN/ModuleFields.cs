using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Reflection;

namespace TorchSharp;

/// <summary>The instance fields of a module type and of its bases, by component name, looked up once per type.</summary>
internal static class ModuleFields
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<(string component, FieldInfo field)>> Cache = new();

    public static IReadOnlyList<(string component, FieldInfo field)> Of(Type type) => Cache.GetOrAdd(type, Find);

    /// <summary>The most derived class comes first and wins where a base has a field of the same name.</summary>
    private static List<(string, FieldInfo)> Find(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

        var found = new List<(string, FieldInfo)>();
        var names = new HashSet<string>();
        for (var level = type; level is not null && level != typeof(torch.nn.Module) && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Declared))
            {
                if (CanHoldComponent(field.FieldType) && names.Add(field.ComponentName()))
                {
                    found.Add((field.ComponentName(), field));
                }
            }
        }
        return found;
    }

    private static bool CanHoldComponent(Type type)
        => typeof(torch.Tensor).IsAssignableFrom(type) || typeof(torch.nn.Module).IsAssignableFrom(type)
            || type.IsInterface || type == typeof(object);
}
