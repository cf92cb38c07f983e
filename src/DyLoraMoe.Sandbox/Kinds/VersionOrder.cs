using System.Globalization;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Orders versions as Kubernetes prefers them: v2, v1, v1beta2, v1alpha1, then anything else.</summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    /// <summary>The order.</summary>
    public static VersionOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        (int stage, int major, int minor) left = Rank(x!), right = Rank(y!);
        int order = left.CompareTo(right);
        return order != 0 ? order : string.CompareOrdinal(y, x);
    }

    private static (int Stage, int Major, int Minor) Rank(string version)
    {
        Match match = Parts().Match(version);
        return match.Success
            ? (match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 }, Number(match.Groups[1].Value), Number(match.Groups[3].Value))
            : (0, 0, 0);
    }

    private static int Number(string text) => text.Length == 0 ? 0 : int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("^v([0-9]+)(?:(alpha|beta)([0-9]+))?$")]
    private static partial Regex Parts();
}
