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

    // Operations are done more than once, and a Job that is applied again stays as the last time has left it.
    [Fact]
    public void Jobs_of_operations_that_are_waited_for_are_made_anew()
    {
        var waits = Page.Names.Where(name => name.StartsWith("docs/operations/", StringComparison.Ordinal)).SelectMany(name => Page.Read(name).Blocks, (name, block) => (Name: name, Block: block))
            .Where(each => each.Block.IsShell).SelectMany(each => AwaitedJob().Matches(each.Block.Text), (each, match) => (each.Name, each.Block, Match: match)).ToList();

        Assert.NotEmpty(waits);
        Assert.All(waits, wait => Assert.True(
            wait.Block.Text[..wait.Match.Index].Contains($"kubectl delete job {wait.Match.Groups[1].Value} --ignore-not-found\n", StringComparison.Ordinal),
            $"{wait.Name}:{wait.Block.Line}: expected kubectl delete job {wait.Match.Groups[1].Value} --ignore-not-found before it is applied and waited for"));
    }

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

    [GeneratedRegex(@"^kubectl wait .*\bjob/([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex AwaitedJob();

    [GeneratedRegex("^apiVersion: ", RegexOptions.Multiline)]
    private static partial Regex ApiVersion();

    [GeneratedRegex(@"(?<![-$\w{""])(NAME|NAMESPACE|POD|REVISION|SOURCE|IMAGE|NS|HOLDER)(?![\w=:])|<[a-z -]+>|sha256:\.\.\.")]
    private static partial Regex Placeholder();
}
