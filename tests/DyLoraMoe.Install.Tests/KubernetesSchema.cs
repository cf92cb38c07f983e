using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Install.Tests;

/// <summary>The classes of KubernetesClient as a schema: they are generated from the API's own, and read strictly a field that is not there is an error.</summary>
internal static class KubernetesSchema
{
    private static readonly Dictionary<string, Type> _kinds = typeof(V1Pod).Assembly.GetTypes()
        .Select(type => (Type: type, Entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
        .Where(each => each.Entity is not null && !each.Type.Name.EndsWith("List", StringComparison.Ordinal) && typeof(IKubernetesObject).IsAssignableFrom(each.Type))
        .GroupBy(each => Name(each.Entity!.Group, each.Entity.ApiVersion, each.Entity.Kind))
        .ToDictionary(group => group.Key, group => group.First().Type);

    private static readonly JsonSerializerOptions _strict = Strict();

    public static bool Knows(JsonObject manifest) => _kinds.ContainsKey(Kind(manifest));

    /// <summary>What is wrong with it, or null.</summary>
    public static string? Check(JsonObject manifest)
    {
        try
        {
            return manifest.Deserialize(_kinds[Kind(manifest)], _strict) is null ? "nothing" : null;
        }
        catch (JsonException error)
        {
            return error.Message;
        }
    }

    private static string Kind(JsonObject manifest) => $"{(string)manifest["apiVersion"]!}/{manifest.Kind()}";

    private static string Name(string? group, string version, string kind) => $"{(string.IsNullOrEmpty(group) ? "" : group + "/")}{version}/{kind}";

    private static JsonSerializerOptions Strict()
    {
        // The client's own options, which know quantities and numbers-or-text, made strict.
        var own = (JsonSerializerOptions)typeof(KubernetesJson).GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public).First(field => field.FieldType == typeof(JsonSerializerOptions)).GetValue(null)!;
        return new(own) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
    }
}
