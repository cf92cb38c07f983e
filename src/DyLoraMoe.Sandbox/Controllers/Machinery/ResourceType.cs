using System.Reflection;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Where a kind of object lives in the API.</summary>
internal sealed record ResourceType(string Group, string Version, string Kind, string Plural)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public static ResourceType Of<T>() => Known<T>.Type;

    /// <summary>The path of the collection, or of one object, in a namespace or (null) in all of them.</summary>
    public string Path(string? ns, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        if (!string.IsNullOrEmpty(ns))
        {
            path += $"/namespaces/{Uri.EscapeDataString(ns)}";
        }

        path += $"/{Plural}";
        if (name is not null)
        {
            path += $"/{Uri.EscapeDataString(name)}";
        }

        return subresource is null ? path : $"{path}/{subresource}";
    }

    private static class Known<T>
    {
        public static readonly ResourceType Type = Read();

        private static ResourceType Read()
        {
            var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
                ?? throw new InvalidOperationException($"{typeof(T)} has no KubernetesEntity attribute.");
            return new ResourceType(entity.Group ?? "", entity.ApiVersion, entity.Kind, entity.PluralName);
        }
    }
}
