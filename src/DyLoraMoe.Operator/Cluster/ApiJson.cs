using System.Text.Json;
using k8s;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>How objects of the API are read and written in this process, KubernetesClient's own calls included.</summary>
internal static class ApiJson
{
    /// <summary>KubernetesClient's options.</summary>
    public static JsonSerializerOptions Options { get; } = Found();

    /// <summary>Makes texts cost little, by <see cref="CompactStrings"/>. Once, before anything is read or written.</summary>
    public static void Install() => Options.Converters.Add(new CompactStrings());

    private static JsonSerializerOptions Found()
    {
        var found = JsonSerializerOptions.Default;
        KubernetesJson.AddJsonOptions(options => found = options);
        return found;
    }
}
