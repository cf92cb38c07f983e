using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>
/// The commands in sentences and tables as one script. They name things that are not there (NAME, POD), and parts of a command are named as well, so they
/// may fail; but each program must know its verb, its options and the kind of resource.
/// </summary>
internal static partial class InlineScript
{
    private const string Beginning = """
        set -uo pipefail
        bad=0
        # try WHERE COMMAND
        try() {
          local said
          said=$(timeout 30 bash -c "$2" 2>&1 </dev/null | head -c 4000)
          if grep -qiE "unknown (shorthand )?(flag|command|verb|field)|doesn't have a resource type|unrecognized (command|option|argument)|no such (target|option)|has no option|no rule to make|invalid argument|unable to parse|error parsing|cannot be parsed|not found in the (chart|schema)|command not found" <<<"$said"; then
            echo "$1: \`$2\`: $said"
            bad=1
          fi
        }

        """;

    public static string Of(IEnumerable<Page> pages)
    {
        var script = new StringBuilder(Beginning);
        foreach (var (name, command) in pages.SelectMany(page => page.InlineCommands.Select(command => (page.Name, command))).Distinct())
        {
            script.Append(CultureInfo.InvariantCulture, $"try {Quoted(name)} {Quoted(Harmless(command))}\n");
        }

        return script.Append("exit $bad\n").ToString();
    }

    /// <summary>The same command where nothing comes of it.</summary>
    internal static string Harmless(string command) => command switch
    {
        _ when command.StartsWith("make ", StringComparison.Ordinal) => command.Replace("make ", "/usr/bin/make --dry-run --silent ", StringComparison.Ordinal),
        _ when command.StartsWith("helm upgrade ", StringComparison.Ordinal) => Regex.Replace(command.Replace("helm upgrade", "helm template", StringComparison.Ordinal), " --(install|wait|reuse-values|reset-then-reuse-values)", ""),
        _ when Trainer().IsMatch(command) => Trainer().Replace(command, "\"$DYLORA_REPOSITORY/bin/dylora\" "),
        _ when Changing().IsMatch(command) => Number().Replace(command, "2") + " --dry-run=server",
        _ => command,
    };

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Not what stands in for it on pages, which has options of its own.
    [GeneratedRegex("^(bin/)?dylora ")]
    private static partial Regex Trainer();

    [GeneratedRegex(@"^kubectl (-n \S+ )?(annotate|apply|autoscale|create|delete|label|patch|scale)\b")]
    private static partial Regex Changing();

    [GeneratedRegex(@"\bN\b")]
    private static partial Regex Number();
}
