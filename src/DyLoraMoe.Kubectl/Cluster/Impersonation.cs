using System.Text;
using DyLoraMoe.Kubectl.CommandLine;
using YamlDotNet.RepresentationModel;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>
/// As whom the API server is asked, which the client library does not tell it: <c>as</c>, <c>as-uid</c>, <c>as-groups</c> and <c>as-user-extra</c> of a kubeconfig's user,
/// as the headers of <see href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation">Kubernetes</see>.
/// </summary>
internal sealed class Impersonation
{
    private const string Extra = "Impersonate-Extra-";

    private Impersonation(IReadOnlyList<RequestHeader> headers) => Headers = headers;

    /// <summary>The headers of every request.</summary>
    public IReadOnlyList<RequestHeader> Headers { get; }

    /// <summary>That of a user; null for none.</summary>
    /// <param name="user">What is written of them; null for nothing.</param>
    /// <param name="name">Their name.</param>
    /// <exception cref="PluginException">It makes no sense.</exception>
    public static Impersonation? Of(YamlMappingNode? user, string? name)
    {
        var headers = user is null ? [] : HeadersOf(user).Where(header => header.Values.Count > 0).ToList();
        if (headers.Count == 0)
        {
            return null;
        }

        if (headers[0].Name != "Impersonate-User")
        {
            throw new PluginException($"The kubeconfig cannot be used: the user {name} has as-uid, as-groups or as-user-extra, but no as.");
        }

        return headers.SelectMany(header => header.Values).Any(value => value.Any(char.IsControl))
            ? throw new PluginException($"The kubeconfig cannot be used: as whom the user {name} asks has a character that no header can hold.")
            : new(headers);
    }

    private static IEnumerable<RequestHeader> HeadersOf(YamlMappingNode user)
    {
        yield return new("Impersonate-User", Texts(user, "as"));
        yield return new("Impersonate-Uid", Texts(user, "as-uid"));
        yield return new("Impersonate-Group", Texts(user, "as-groups"));
        if (user.Children.TryGetValue("as-user-extra", out var extra) && extra is YamlMappingNode all)
        {
            foreach (var key in all.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value).OfType<string>())
            {
                yield return new(Extra + Escaped(key), Texts(all, key));
            }
        }
    }

    private static List<string> Texts(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value)
        ? [.. (value is YamlSequenceNode list ? list : [value]).OfType<YamlScalarNode>().Select(each => each.Value).OfType<string>().Where(text => text.Length > 0)]
        : [];

    // As client-go does it: what cannot stand in the name of a header, and the sign of escape itself.
    private static string Escaped(string key)
    {
        var text = new StringBuilder();
        foreach (var each in Encoding.UTF8.GetBytes(key))
        {
            _ = char.IsAsciiLetterOrDigit((char)each) || "!#$&'*+-.^_`|~".Contains((char)each, StringComparison.Ordinal) ? text.Append((char)each) : text.Append('%').Append(each.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}

/// <summary>A header that may stand in a request more than once.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">A value for each line.</param>
internal sealed record RequestHeader(string Name, IReadOnlyList<string> Values);
