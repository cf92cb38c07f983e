using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>Where objects of a type are in the API, from the type's <see cref="KubernetesEntityAttribute"/>.</summary>
internal sealed record ResourceKind(string Group, string Version, string Kind, string Plural)
{
    private static readonly ConcurrentDictionary<Type, ResourceKind> _known = new();

    /// <summary><c>v1</c> or <c>group/version</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public static ResourceKind Of<T>() => Of(typeof(T));

    public static ResourceKind Of(Type type) => _known.GetOrAdd(type, static type =>
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"Expected a type with [KubernetesEntity], found {type.Name}.", nameof(type));
        return new(entity.Group, entity.ApiVersion, entity.Kind, entity.PluralName);
    });

    /// <summary>The path of a collection; of all namespaces when <paramref name="ns"/> is null.</summary>
    public string CollectionPath(string? ns)
    {
        var root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return ns is null ? $"{root}/{Plural}" : $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}";
    }

    /// <summary>The path of an object.</summary>
    public string ObjectPath(string ns, string name) => $"{CollectionPath(ns)}/{Uri.EscapeDataString(name)}";
}
