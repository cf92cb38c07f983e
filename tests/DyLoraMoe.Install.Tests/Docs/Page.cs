using System.Text.RegularExpressions;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>A page of the documentation and its fenced blocks, in their order.</summary>
/// <param name="Name">The file, relative to the repository.</param>
/// <param name="Text">All of it.</param>
/// <param name="Blocks">Its fenced blocks.</param>
internal sealed partial record Page(string Name, string Text, IReadOnlyList<Block> Blocks)
{
    // Decisions are records of their time, and benchmark reports are written by what measures.
    private static readonly string[] _notPages = ["docs/decisions/", "docs/benchmarks/"];

    // Half a minute each and more, mostly for clusters and installations of their own.
    private static readonly string[] _slow =
    [
        "docs/getting-started.md",
        "docs/gitops.md",
        "docs/operations/air-gapped.md",
        "docs/operations/backup-and-restore.md",
        "docs/operations/disaster.md",
        "docs/operations/install.md",
        "docs/reference/dylora.md",
        "docs/reference/kubectl-dylora.md",
        "docs/reference/operator.md",
    ];

    /// <summary>The pages that promise something: README.md, those below docs, and what config says of itself.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "README.md",
        "CONTRIBUTING.md",
        "config/gitops/README.md",
        .. Directory.GetFiles(Path.Combine(SharedFiles.RepositoryRoot, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(SharedFiles.RepositoryRoot, file))
            .Where(name => !_notPages.Any(folder => name.StartsWith(folder, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Those with something to run or to apply.</summary>
    public static IEnumerable<string> Followed => Names.Where(name => Read(name).Blocks.Any(block => block.IsShell || block.IsManifest));

    /// <summary>Whether following it takes too long for every run of the tests; <c>TESTS=all</c> and <c>make pages</c> do.</summary>
    public static bool IsSlow(string name) => _slow.Contains(name);

    public static Page Read(string name)
    {
        var text = File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, name));
        return new(name, text, [.. BlocksOf(text.Split('\n'))]);
    }

    /// <summary>The page as if it had the blocks of one section alone.</summary>
    public Page OnlySection(string heading)
    {
        var lines = Text.Split('\n');
        var first = Array.IndexOf(lines, $"## {heading}");
        Assert.True(first >= 0, $"{Name} has no section '{heading}'");
        var end = Array.FindIndex(lines, first + 1, line => line.StartsWith("## ", StringComparison.Ordinal));
        return this with { Blocks = [.. Blocks.Where(block => block.Line > first && (end < 0 || block.Line <= end))] };
    }

    /// <summary>Its text without the fenced blocks.</summary>
    public string Prose => Fenced().Replace(Text, "");

    /// <summary>The commands that its sentences and tables name, with what is given to them.</summary>
    public IEnumerable<string> InlineCommands => Command().Matches(Prose).Select(match => match.Groups[1].Value);

    private static IEnumerable<Block> BlocksOf(string[] lines)
    {
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].TrimStart() is not ['`', '`', '`', .. var language])
            {
                continue;
            }

            var (first, indent) = (index, lines[index].Length - lines[index].TrimStart().Length);
            var end = Array.FindIndex(lines, first + 1, line => line.Trim() == "```");
            index = end < 0 ? lines.Length : end;
            yield return new(language.Trim(), string.Join('\n', lines[(first + 1)..index].Select(line => line[Math.Min(indent, line.Length)..])), first + 1, end >= 0);
        }
    }

    [GeneratedRegex(@"^ *```.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex("`((?:kubectl|helm|make|dylora|bin/dylora(?:-[a-z]+)?) [^`\n]+)`")]
    private static partial Regex Command();
}
