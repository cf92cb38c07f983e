namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>
/// Puts the places on this machine where a container's paths are: without mount namespaces its command, arguments and
/// environment must name them. A path counts where it stands as one: at the start or after one of <c>=:,;'"(</c> or a space,
/// up to the end, a slash or another of these.
/// </summary>
internal sealed class PathRewriter
{
    private const string Boundaries = "=:,;'\"() \t\n|<>&`";

    private readonly List<(string From, string To)> _mounts;

    public PathRewriter(IEnumerable<KeyValuePair<string, string>> mounts) =>
        _mounts = [.. mounts.Select(mount => (From: mount.Key.TrimEnd('/'), To: mount.Value))
            .Where(mount => mount.From.Length > 0)
            .OrderByDescending(mount => mount.From.Length)];

    public string Rewrite(string text)
    {
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new System.Text.StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var mount = (at == 0 || Boundaries.Contains(text[at - 1], StringComparison.Ordinal)) ? MountAt(text, at) : null;
            if (mount is { } found)
            {
                result.Append(found.To);
                at += found.From.Length;
            }
            else
            {
                result.Append(text[at++]);
            }
        }

        return result.ToString();
    }

    private (string From, string To)? MountAt(string text, int at)
    {
        foreach (var mount in _mounts)
        {
            if (string.CompareOrdinal(text, at, mount.From, 0, mount.From.Length) != 0)
            {
                continue;
            }

            var end = at + mount.From.Length;
            if (end >= text.Length || text[end] == '/' || Boundaries.Contains(text[end], StringComparison.Ordinal))
            {
                return mount;
            }
        }

        return null;
    }
}
