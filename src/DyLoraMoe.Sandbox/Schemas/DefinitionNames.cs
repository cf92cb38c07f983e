using System.Text.RegularExpressions;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>The names under which OpenAPI documents know the built-in types.</summary>
internal static partial class DefinitionNames
{
    private static readonly HashSet<string> Meta =
    [
        "ObjectMeta", "ListMeta", "LabelSelector", "LabelSelectorRequirement", "OwnerReference", "ManagedFieldsEntry", "Condition",
        "DeleteOptions", "Preconditions", "Status", "StatusDetails", "StatusCause", "FieldSelectorRequirement",
    ];

    /// <summary>The definition's name: <c>io.k8s.api.core.v1.Pod</c>, or the best guess for a type that is no kind.</summary>
    public static string Of(Type type)
    {
        Match match = Versioned().Match(type.Name);
        string version = match.Groups["version"].Value.ToLowerInvariant();
        string name = match.Groups["name"].Value;
        if (type.GetCustomAttributes(typeof(KubernetesEntityAttribute), false) is [KubernetesEntityAttribute entity, ..])
        {
            version = entity.ApiVersion;
            name = entity.Kind;
            return entity.Group == "apiextensions.k8s.io"
                ? $"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{version}.{name}"
                : $"io.k8s.api.{GroupPackage(entity.Group)}.{version}.{name}";
        }

        return Meta.Contains(name)
            ? $"io.k8s.apimachinery.pkg.apis.meta.{version}.{name}"
            : $"io.k8s.api.{PackageOf(name, version)}.{version}.{name}";
    }

    private static string GroupPackage(string group) => group.Length == 0 ? "core" : group.Split('.')[0];

    private static string PackageOf(string name, string version) => name switch
    {
        _ when name.StartsWith("Deployment", StringComparison.Ordinal) || name.StartsWith("ReplicaSet", StringComparison.Ordinal)
            || name.StartsWith("RollingUpdate", StringComparison.Ordinal) || name.StartsWith("StatefulSet", StringComparison.Ordinal) => "apps",
        _ when name.StartsWith("Job", StringComparison.Ordinal) || name.StartsWith("PodFailurePolicy", StringComparison.Ordinal)
            || name.StartsWith("SuccessPolicy", StringComparison.Ordinal) || name is "UncountedTerminatedPods" => "batch",
        _ when version == "v2" => "autoscaling",
        _ when name.StartsWith("NetworkPolicy", StringComparison.Ordinal) || name is "IPBlock" => "networking",
        _ when name.StartsWith("PodDisruption", StringComparison.Ordinal) => "policy",
        _ when name is "PolicyRule" or "RoleRef" or "AggregationRule" => "rbac",
        _ when name.StartsWith("Lease", StringComparison.Ordinal) => "coordination",
        _ when name.StartsWith("CustomResource", StringComparison.Ordinal) => "apiextensions",
        _ => "core",
    };

    [GeneratedRegex("^(?<group>[A-Z][a-z]+(?=v[0-9]))?(?<version>[Vv][0-9]+((alpha|beta)[0-9]+)?)(?<name>.+)$")]
    private static partial Regex Versioned();
}
