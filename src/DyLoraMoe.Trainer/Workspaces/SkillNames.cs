using System.Text.RegularExpressions;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>Names of skills, which are names of experts and of resources too: DNS labels.</summary>
internal static partial class SkillNames
{
    /// <summary>The name, if it is one.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static string Require(string name) => Label().IsMatch(name)
        ? name
        : throw new UsageException($"'{name}' is no name for a skill: expected 1 to 63 lower-case letters, digits and '-', starting and ending with a letter or digit.");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
