using System.CommandLine;
using DyLoraMoe.Kubectl.Cluster;

namespace DyLoraMoe.Kubectl.CommandLine;

/// <summary>The options that say which cluster and namespace is meant, as kubectl has them.</summary>
internal sealed class GlobalOptions
{
    private readonly Option<string?> _context = new("--context") { Description = "The context of the kubeconfig. [default: the current one]", HelpName = "NAME", Recursive = true };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig. [default: $KUBECONFIG, ~/.kube/config, or the pod's service account]", HelpName = "FILE", Recursive = true };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "The namespace. [default: that of the context]", HelpName = "NAME", Recursive = true };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_context, _kubeconfig, _namespace];

    /// <summary>How to reach the cluster; nothing is called yet.</summary>
    /// <exception cref="PluginException">There is no such kubeconfig or context.</exception>
    public ClusterClient Connect(ParseResult parsed) =>
        ClusterClient.Of(ClusterConfiguration.Load(parsed.GetValue(_kubeconfig), parsed.GetValue(_context)), NamespaceOf(parsed));

    /// <summary>The namespace that was named; null for none.</summary>
    public string? NamespaceOf(ParseResult parsed) => parsed.GetValue(_namespace) is { Length: > 0 } name ? name : null;

    /// <summary>The kubeconfig that was named; null for none.</summary>
    public string? KubeconfigOf(ParseResult parsed) => parsed.GetValue(_kubeconfig);
}
