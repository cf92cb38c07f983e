using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeOps.Transpiler.Kubernetes;

/// <summary>Orders versions of kinds: by number; among equals alpha before beta before final.</summary>
public sealed partial class KubernetesVersionComparer : IComparer<string>
{
    private static readonly string[] Stages = ["alpha", "beta", ""];

    /// <inheritdoc/>
    public int Compare(string? x, string? y) =>
        x is not null && y is not null && Rank(x) is { } left && Rank(y) is { } right
            ? left.CompareTo(right)
            : StringComparer.CurrentCulture.Compare(x, y);

    private static (int Major, int Stage, int Minor)? Rank(string version)
    {
        var match = VersionPattern().Match(version);
        if (!match.Success)
        {
            return null;
        }

        var minor = match.Groups["minor"].Value;
        return (
            int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture),
            Array.IndexOf(Stages, match.Groups["stage"].Value),
            minor.Length == 0 ? 0 : int.Parse(minor, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("^v(?<major>[0-9]+)((?<stage>alpha|beta)(?<minor>[0-9]+))?$")]
    private static partial Regex VersionPattern();
}
