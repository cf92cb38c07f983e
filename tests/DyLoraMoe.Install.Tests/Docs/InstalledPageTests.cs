using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Pages for a cluster in which the operator is installed and something is learnt: each command is run, each manifest put before the API server, top to bottom.</summary>
public sealed class InstalledPageTests(Installation installation) : IClassFixture<Installation>
{
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

    // Of jobs that are under way: files in them come and go.
    private static readonly string[] _notCopied = ["checkpoints", "writing"];

    public static TheoryData<string> Quick => [.. Page.Followed.Where(name => !Page.IsSlow(name) && !FromScratchPageTests.Begins(name))];

    public static TheoryData<string> Slow => [.. Page.Followed.Where(name => Page.IsSlow(name) && !FromScratchPageTests.Begins(name))];

    [Theory]
    [MemberData(nameof(Quick))]
    public Task A_page_can_be_followed(string name) => FollowAsync(name);

    [Theory]
    [MemberData(nameof(Slow))]
    [Trait("Length", "Long")]
    public Task A_long_page_can_be_followed(string name) => name == MovesHouse ? MoveAsync() : FollowAsync(name);

    [Fact]
    [Trait("Length", "Long")]
    public async Task Commands_in_sentences_and_tables_are_understood()
    {
        var pages = Page.Names.Select(Page.Read).ToList();
        Assert.True(pages.Sum(page => page.InlineCommands.Count()) > 50);

        await installation.Bench.RunAsync("commands in sentences", InlineScript.Of(pages), await installation.KubeconfigAsync());
    }

    private async Task FollowAsync(string name) => await installation.Bench.FollowAsync(Page.Read(name), await installation.KubeconfigAsync());

    private async Task MoveAsync()
    {
        var bench = installation.Bench;
        var (old, now) = (await installation.KubeconfigAsync(), await bench.StartClusterAsync("new"));
        foreach (var kubeconfig in new[] { old, now })
        {
            await new Kubectl(kubeconfig).ApplyAsync(SharedVolume.Replace("FOLDER", bench.Backup, StringComparison.Ordinal));
        }

        File.Copy(old, bench.Clone("old.kubeconfig"));
        File.Copy(now, bench.Clone("new.kubeconfig"));
        var store = await StoreAsync(old);
        foreach (var folder in _notCopied)
        {
            Directory.CreateDirectory(Path.Combine(store, folder));
        }

        var page = Page.Read(MovesHouse);
        await bench.FollowAsync(page, old);
        Assert.Equal(Folders(store).Except(_notCopied), Folders(bench.Backup));

        // The Job of the first time has nothing to say of the second.
        Directory.Delete(bench.Backup, recursive: true);
        Directory.CreateDirectory(bench.Backup);
        await bench.FollowAsync(page.OnlySection("Back up"), old);
        Assert.Equal(Folders(store).Except(_notCopied), Folders(bench.Backup));
    }

    private static async Task<string> StoreAsync(string kubeconfig)
    {
        var kubectl = new Kubectl(kubeconfig);
        var volume = await kubectl.RunAsync("get", "persistentvolumeclaim", "experts", "--namespace", "default", "--output", "jsonpath={.spec.volumeName}");
        return await kubectl.RunAsync("get", "persistentvolume", volume, "--output", "jsonpath={.spec.hostPath.path}");
    }

    private static List<string> Folders(string place) => [.. Directory.GetDirectories(place).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
