using System.Text.Json.Nodes;

namespace DyLoraMoe.Install.Tests;

/// <summary>Ways to read a manifest.</summary>
internal static class Manifest
{
    public static string Kind(this JsonObject manifest) => (string)manifest["kind"]!;

    public static string Name(this JsonObject manifest) => (string)manifest["metadata"]!["name"]!;

    public static string? Namespace(this JsonObject manifest) => (string?)manifest["metadata"]!["namespace"];

    /// <summary>What tells it from all others.</summary>
    public static string Key(this JsonObject manifest) => $"{(string)manifest["apiVersion"]!}/{manifest.Kind()} {manifest.Namespace()}/{manifest.Name()}";

    public static bool IsHook(this JsonObject manifest) => manifest["metadata"]!["annotations"]?["helm.sh/hook"] is not null;

    /// <summary>Whether the kind is one that Kubernetes itself does not have.</summary>
    public static bool IsOfPrometheus(this JsonObject manifest) => ((string)manifest["apiVersion"]!).StartsWith("monitoring.coreos.com/", StringComparison.Ordinal);

    /// <summary>The spec of the pods that it makes, or null.</summary>
    public static JsonObject? PodSpec(this JsonObject manifest) => (manifest.Kind() switch
    {
        "Pod" => manifest["spec"],
        "Deployment" or "Job" or "StatefulSet" or "DaemonSet" => manifest["spec"]!["template"]!["spec"],
        _ => null,
    })?.AsObject();

    public static IEnumerable<string> Texts(this JsonNode? list) => list?.AsArray().Select(each => (string)each!) ?? [];
}
