using System.Text.RegularExpressions;

namespace DyLoraMoe.Install.Tests.Images;

/// <summary>A .dockerignore: the last line that fits decides, and a line with ! takes back.</summary>
internal sealed class IgnoreFile(IEnumerable<string> lines)
{
    private readonly List<(Regex Pattern, bool Leaves)> _rules =
    [
        .. lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(line => (Pattern(line.TrimStart('!')), line[0] != '!')),
    ];

    /// <summary>Whether a path does not get to the builder.</summary>
    public bool Leaves(string path) => _rules.Where(rule => rule.Pattern.IsMatch(path)).Select(rule => rule.Leaves).LastOrDefault();

    private static Regex Pattern(string line) =>
        new("^" + Regex.Escape(line.TrimEnd('/')).Replace("\\*\\*/", "(.*/)?", StringComparison.Ordinal).Replace("\\*", "[^/]*", StringComparison.Ordinal) + "(/.*)?$");
}
