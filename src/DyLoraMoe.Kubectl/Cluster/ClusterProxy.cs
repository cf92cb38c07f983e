using System.Net;
using DyLoraMoe.Kubectl.CommandLine;
using k8s.KubeConfigModels;
using YamlDotNet.RepresentationModel;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>What a kubeconfig names as <c>proxy-url</c>, which the client library does not read.</summary>
internal static class ClusterProxy
{
    private static readonly string[] _schemes = ["http", "https", "socks5"];

    /// <summary>The proxy of the context's cluster; null for none, and then <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> count.</summary>
    /// <param name="config">The files together.</param>
    /// <param name="files">The files, the first first.</param>
    /// <param name="context">The context that was named; null for the current one.</param>
    /// <exception cref="PluginException">It is no address of a proxy.</exception>
    public static IWebProxy? Of(K8SConfiguration config, IEnumerable<FileInfo> files, string? context)
    {
        var cluster = config.Contexts?.FirstOrDefault(each => each.Name == (context ?? config.CurrentContext))?.ContextDetails?.Cluster;
        if (files.Select(file => Find(file, cluster)).FirstOrDefault(found => found is not null) is not { } entry || Text(entry, "proxy-url") is not { Length: > 0 } address)
        {
            return null;
        }

        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && _schemes.Contains(uri.Scheme)
            ? new WebProxy(uri) { Credentials = Credentials(uri) }
            : throw new PluginException($"The kubeconfig cannot be used: expected proxy-url of the cluster {cluster} to begin with http://, https:// or socks5://, found '{address.Split(':')[0]}:'.");
    }

    private static YamlMappingNode? Find(FileInfo file, string? cluster)
    {
        var yaml = new YamlStream();
        using var reader = file.OpenText();
        yaml.Load(reader);
        return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] && root.Children.TryGetValue("clusters", out var clusters) && clusters is YamlSequenceNode all
            ? all.OfType<YamlMappingNode>().FirstOrDefault(each => Text(each, "name") == cluster) is { } found && found.Children.TryGetValue("cluster", out var details) ? details as YamlMappingNode : null
            : null;
    }

    private static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? (value as YamlScalarNode)?.Value : null;

    private static NetworkCredential? Credentials(Uri uri) =>
        uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var password] ? new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password.FirstOrDefault() ?? "")) : null;
}
