using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What a program is told of the devices that its pod asks for.</summary>
internal static class Accelerator
{
    private const string Nvidia = "nvidia.com/";

    /// <summary>Arguments: a pod that holds a GPU computes on it or says that it cannot, rather than on the CPU beside it.</summary>
    /// <param name="resources">What the container asks for.</param>
    public static IReadOnlyList<string> Arguments(V1ResourceRequirements? resources) =>
        resources?.Limits?.Any(limit => limit.Key.StartsWith(Nvidia, StringComparison.Ordinal) && limit.Value.ToDecimal() > 0) == true ? ["--device", "cuda"] : [];
}
