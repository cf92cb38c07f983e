using System.Net;
using DyLoraMoe.Kubectl.CommandLine;
using YamlDotNet.RepresentationModel;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>What a kubeconfig names as <c>proxy-url</c>, which the client library does not read.</summary>
internal static class ClusterProxy
{
    private static readonly string[] _schemes = ["http", "https", "socks5"];

    /// <summary>The proxy of a cluster; null for none, and then <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> count.</summary>
    /// <param name="cluster">What is written of it; null for nothing.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="PluginException">It is no address of a proxy.</exception>
    public static IWebProxy? Of(YamlMappingNode? cluster, string? name)
    {
        if (cluster is null || KubeconfigFile.Text(cluster, "proxy-url") is not { Length: > 0 } address)
        {
            return null;
        }

        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && _schemes.Contains(uri.Scheme)
            ? new WebProxy(uri) { Credentials = Credentials(uri) }
            : throw new PluginException($"The kubeconfig cannot be used: expected proxy-url of the cluster {name} to begin with http://, https:// or socks5://, found '{address.Split(':')[0]}:'.");
    }

    private static NetworkCredential? Credentials(Uri uri) =>
        uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var password] ? new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password.FirstOrDefault() ?? "")) : null;
}
