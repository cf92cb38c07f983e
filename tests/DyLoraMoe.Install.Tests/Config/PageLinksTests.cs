using System.Text.RegularExpressions;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests.Config;

/// <summary>Links of the pages lead somewhere.</summary>
public sealed partial class PageLinksTests
{
    [Fact]
    public void Every_link_leads_to_a_file_and_to_a_section_of_it()
    {
        var root = SharedFiles.RepositoryRoot;
        var pages = Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(root, "README.md")).Append(Path.Combine(root, "CONTRIBUTING.md")).ToList();
        var wrong = new List<string>();
        foreach (var page in pages)
        {
            foreach (var link in Link().Matches(Code().Replace(File.ReadAllText(page), "``")).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)))
            {
                var (file, section) = (link.Split('#')[0], link.Split('#').ElementAtOrDefault(1));
                var target = file.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, file));
                if (!Path.Exists(target) || (section is not null && !Sections(target).Contains(section)))
                {
                    wrong.Add($"{Path.GetRelativePath(root, page)}: {link}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Sections(string page) =>
        Heading().Matches(File.ReadAllText(page)).Select(match => Other().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex("\\]\\(([^)\\s]+)\\)")]
    private static partial Regex Link();

    [GeneratedRegex("```.*?```|`[^`\\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex Other();
}
