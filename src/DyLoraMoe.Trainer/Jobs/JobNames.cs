using System.Text.RegularExpressions;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Names of jobs, which are names of folders too.</summary>
internal static partial class JobNames
{
    /// <summary>The name, if it is one.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static string Require(string name) => Name().IsMatch(name)
        ? name
        : throw new UsageException($"'{name}' is no name for a job: expected 1 to 63 lower-case letters, digits, '-' and '.', starting and ending with a letter or digit.");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
