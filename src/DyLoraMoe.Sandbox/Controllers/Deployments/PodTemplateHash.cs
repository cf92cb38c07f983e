using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>Names a pod template by its content.</summary>
internal static class PodTemplateHash
{
    /// <summary>The letters of the API server's safe names: no vowels, so no words.</summary>
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(V1PodTemplateSpec template, int? collisions)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(template) + (collisions is { } count ? $"#{count}" : "")));
        return string.Concat(hash.Take(10).Select(value => Letters[value % Letters.Length]));
    }

    /// <summary>Whether two templates ask for the same pods; the hash label does not count.</summary>
    public static bool Same(V1PodTemplateSpec one, V1PodTemplateSpec other) => Canonical(one) == Canonical(other);

    private static string Canonical(V1PodTemplateSpec template)
    {
        var copy = ClusterContext.Copy(template);
        copy.Metadata?.Labels?.Remove(DeploymentNames.PodTemplateHash);
        return Sorted(JsonNode.Parse(KubernetesJson.Serialize(copy)))?.ToJsonString() ?? "";
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject item => new JsonObject(item.Where(pair => pair.Value is not null)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.GetValueKind() == JsonValueKind.Null ? null : node?.DeepClone(),
    };
}
