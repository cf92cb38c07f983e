using DyLoraMoe.Sandbox.Kinds;

namespace DyLoraMoe.Sandbox.Discovery;

/// <summary>A subresource as discovery shows it.</summary>
internal sealed record SubresourceInfo(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs);

/// <summary>Which subresources a kind has.</summary>
internal static class Subresources
{
    private static readonly string[] ReadWrite = ["get", "patch", "update"];
    private static readonly string[] CreateOnly = ["create"];
    private static readonly string[] CreateAndGet = ["create", "get"];
    private static readonly string[] GetOnly = ["get"];
    private static readonly string[] UpdateOnly = ["update"];

    /// <summary>The subresources of a kind.</summary>
    public static IEnumerable<SubresourceInfo> Of(ResourceKind kind)
    {
        if (kind.HasStatus)
        {
            yield return new SubresourceInfo("status", kind.Group, kind.Version, kind.Kind, ReadWrite);
        }

        if (kind.Scale is not null)
        {
            yield return new SubresourceInfo("scale", "autoscaling", "v1", "Scale", ReadWrite);
        }

        switch (kind.Collection)
        {
            case "/pods":
                yield return new SubresourceInfo("binding", "", "v1", "Binding", CreateOnly);
                yield return new SubresourceInfo("eviction", "policy", "v1", "Eviction", CreateOnly);
                yield return new SubresourceInfo("log", "", "v1", "Pod", GetOnly);
                yield return new SubresourceInfo("portforward", "", "v1", "PodPortForwardOptions", CreateAndGet);
                break;
            case "/namespaces":
                yield return new SubresourceInfo("finalize", "", "v1", "Namespace", UpdateOnly);
                break;
            case "/serviceaccounts":
                yield return new SubresourceInfo("token", "authentication.k8s.io", "v1", "TokenRequest", CreateOnly);
                break;
        }
    }
}
