using System.Text.RegularExpressions;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Nothing on a page escapes the tests: every block is run, applied, or plainly shows something.</summary>
public sealed partial class PageTests
{
    // Blocks that are looked at and not run: what a command prints, a part of a document, a diagram.
    private static readonly string[] _shown = ["console", "text", "json", "mermaid"];

    private static readonly string[] _diagrams = ["flowchart ", "stateDiagram-v2", "sequenceDiagram"];

    public static TheoryData<string> All => [.. Page.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_block_says_what_it_is(string name)
    {
        foreach (var block in Page.Read(name).Blocks)
        {
            var where = $"{name}:{block.Line}";
            Assert.True(block.IsClosed, $"{where}: the block does not end");
            Assert.True(block.IsShell || block.IsManifest || _shown.Contains(block.Language), $"{where}: expected sh, yaml, {string.Join(" or ", _shown)}, found '{block.Language}'");
            Assert.True(!_shown.Contains(block.Language) || !Prompt().IsMatch(block.Text), $"{where}: a command belongs into a block of sh, so that it is run");
            Assert.True(!block.IsManifest || ApiVersion().IsMatch(block.Text), $"{where}: a block of yaml is a manifest, with apiVersion");
            Assert.True(block.Language != "mermaid" || _diagrams.Any(kind => block.Text.StartsWith(kind, StringComparison.Ordinal)), $"{where}: expected {string.Join(" or ", _diagrams)}");
        }
    }

    // What Markdown takes for code by its indent alone is seen by no test.
    [Theory]
    [MemberData(nameof(All))]
    public void Blocks_are_fenced(string name) => Assert.DoesNotMatch(Indented(), Page.Read(name).Prose);

    [Theory]
    [MemberData(nameof(All))]
    public void Placeholders_are_variables_that_the_page_sets(string name) =>
        Assert.All(Page.Read(name).Blocks.Where(block => block.IsShell), block => Assert.False(Placeholder().IsMatch(block.Text), $"{name}:{block.Line}: {Placeholder().Match(block.Text).Value}"));

    [Theory]
    [MemberData(nameof(All))]
    public void What_people_publish_on_their_own_machines_needs_no_compiler_of_C(string name) =>
        Assert.All(
            Page.Read(name).Blocks.Where(block => block.IsShell).SelectMany(block => block.Text.Split('\n')).Where(line => line.StartsWith("dotnet publish ", StringComparison.Ordinal)),
            line => Assert.Contains(" -p:Torch=none ", line, StringComparison.Ordinal));

    [Fact]
    public void The_index_names_every_page()
    {
        var index = Page.Read("docs/README.md").Text;

        Assert.All(Page.Names.Where(name => name.StartsWith("docs/", StringComparison.Ordinal) && name != "docs/README.md"), name => Assert.Contains($"]({name["docs/".Length..]})", index, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\n\n(?: {4}|\t)\S.*")]
    private static partial Regex Indented();

    [GeneratedRegex(@"^\$ ", RegexOptions.Multiline)]
    private static partial Regex Prompt();

    [GeneratedRegex("^apiVersion: ", RegexOptions.Multiline)]
    private static partial Regex ApiVersion();

    [GeneratedRegex(@"(?<![-$\w{""])(NAME|NAMESPACE|POD|REVISION|SOURCE|IMAGE|NS|HOLDER)(?![\w=:])|<[a-z -]+>|sha256:\.\.\.")]
    private static partial Regex Placeholder();
}
