using System.Text.RegularExpressions;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Pages hold what they promise: each command is run and each manifest is put before an API server, top to bottom.</summary>
public sealed partial class PageTests(Installation installation) : IClassFixture<Installation>
{
    // Blocks that are looked at and not run: what a command prints, a part of a document, a diagram.
    private static readonly string[] _shown = ["console", "text", "json", "mermaid"];

    private static readonly string[] _diagrams = ["flowchart ", "stateDiagram-v2", "sequenceDiagram"];

    // Pages that begin with a cluster in which there is nothing yet.
    private static readonly string[] _fromScratch = ["README.md", "docs/getting-started.md", "docs/operations/install.md", "docs/operations/air-gapped.md", "docs/operations/disaster.md", "docs/reference/sandbox.md", "docs/reference/operator.md"];

    // Needs two clusters, and storage that both of them see.
    private const string MovesHouse = "docs/operations/backup-and-restore.md";

    private const string SharedVolume = """
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: backup}
        spec:
          accessModes: [ReadWriteMany]
          capacity: {storage: 1Gi}
          storageClassName: ""
          hostPath: {path: FOLDER}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: backup, namespace: default}
        spec:
          accessModes: [ReadWriteMany]
          storageClassName: ""
          resources: {requests: {storage: 1Gi}}
        """;

    public static TheoryData<string> Followed => [.. Page.Names.Where(name => Page.Read(name).Blocks.Any(block => block.IsShell || block.IsManifest))];

    public static TheoryData<string> All => [.. Page.Names];

    [Theory]
    [MemberData(nameof(Followed))]
    public async Task A_page_can_be_followed(string name)
    {
        var page = Page.Read(name);
        if (name == MovesHouse)
        {
            await MoveAsync(page);
            return;
        }

        if (!_fromScratch.Contains(name))
        {
            await installation.Bench.FollowAsync(page, await installation.KubeconfigAsync());
            return;
        }

        _ = Chart.Renderer.Notes(Chart.ChartCases.Defaults);
        await using var bench = new Bench();
        await bench.FollowAsync(page, await bench.StartClusterAsync("new"));
    }

    private async Task MoveAsync(Page page)
    {
        var bench = installation.Bench;
        var (old, now) = (await installation.KubeconfigAsync(), await bench.StartClusterAsync("new"));
        foreach (var kubeconfig in new[] { old, now })
        {
            await new ClusterHarness.Kubectl(kubeconfig).ApplyAsync(SharedVolume.Replace("FOLDER", bench.Backup, StringComparison.Ordinal));
        }

        File.Copy(old, bench.Clone("old.kubeconfig"));
        File.Copy(now, bench.Clone("new.kubeconfig"));
        await bench.FollowAsync(page, old);
    }

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

    [Theory]
    [MemberData(nameof(All))]
    public void Placeholders_are_variables_that_the_page_sets(string name) =>
        Assert.All(Page.Read(name).Blocks.Where(block => block.IsShell), block => Assert.False(Placeholder().IsMatch(block.Text), $"{name}:{block.Line}: {Placeholder().Match(block.Text).Value}"));

    [Fact]
    public void The_index_names_every_page()
    {
        var index = Page.Read("docs/README.md").Text;

        Assert.All(Page.Names.Where(name => name.StartsWith("docs/", StringComparison.Ordinal) && name != "docs/README.md"), name => Assert.Contains($"]({name["docs/".Length..]})", index, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\$ ", RegexOptions.Multiline)]
    private static partial Regex Prompt();

    [GeneratedRegex("^apiVersion: ", RegexOptions.Multiline)]
    private static partial Regex ApiVersion();

    [GeneratedRegex(@"(?<![-$\w{""])(NAME|NAMESPACE|POD|REVISION|SOURCE|IMAGE|NS|HOLDER)(?![\w=:])|<[a-z -]+>|sha256:\.\.\.")]
    private static partial Regex Placeholder();
}
