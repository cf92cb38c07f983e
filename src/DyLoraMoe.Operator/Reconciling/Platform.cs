using System.Runtime.InteropServices;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Which nodes can run the images of jobs and routers: they are built for what the operator itself runs on.</summary>
internal static class Platform
{
    private static readonly Dictionary<string, string> _own = new()
    {
        ["kubernetes.io/os"] = "linux",
        ["kubernetes.io/arch"] = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
    };

    /// <summary>The labels that a node must have.</summary>
    /// <param name="asked">What the Backbone asks for, which wins.</param>
    public static IDictionary<string, string> Selector(IDictionary<string, string>? asked) =>
        (asked ?? new Dictionary<string, string>()).Concat(_own).DistinctBy(label => label.Key).ToDictionary(label => label.Key, label => label.Value);
}
