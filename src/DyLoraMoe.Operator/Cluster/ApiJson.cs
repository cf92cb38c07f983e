using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>How objects of the API are read and written in this process, KubernetesClient's own calls included.</summary>
internal static class ApiJson
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>KubernetesClient's options.</summary>
    public static JsonSerializerOptions Options { get; } = Found();

    /// <summary>
    /// Makes objects small, since KubeOps and this operator's own caches hold all there are: equal texts are one (<see cref="CompactStrings"/>), and who set
    /// which field, and what a person applied last, is not read at all. Once, before anything else is read or written.
    /// </summary>
    public static void Install() => Install(Options);

    /// <summary>The same for other options.</summary>
    public static void Install(JsonSerializerOptions options)
    {
        options.Converters.Add(new CompactStrings());
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(LeaveOut);
    }

    private static void LeaveOut(JsonTypeInfo type)
    {
        if (type.Type == typeof(V1ObjectMeta))
        {
            type.Properties.Remove(type.Properties.Single(property => property.Name == "managedFields"));
            type.OnDeserialized = found => ((V1ObjectMeta)found).Annotations?.Remove(LastApplied);
        }
    }

    private static JsonSerializerOptions Found()
    {
        var found = JsonSerializerOptions.Default;
        KubernetesJson.AddJsonOptions(options => found = options);
        return found;
    }
}
