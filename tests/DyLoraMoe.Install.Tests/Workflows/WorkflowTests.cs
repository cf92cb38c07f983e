using System.Text.RegularExpressions;
using DyLoraMoe.Install.Tests.Images;
using DyLoraMoe.Testing;
using YamlDotNet.RepresentationModel;

namespace DyLoraMoe.Install.Tests.Workflows;

public sealed partial class WorkflowTests
{
    private static readonly string _folder = Path.Combine(SharedFiles.RepositoryRoot, ".github", "workflows");

    private static readonly string[] _files = [.. Directory.GetFiles(_folder, "*.yml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Files => [.. _files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Actions_are_pinned_by_commit_with_their_version_beside_it(string file)
    {
        var uses = File.ReadAllLines(Path.Combine(_folder, file)).Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToList();

        Assert.All(uses, line => Assert.Matches(Pinned(), line));
    }

    [Fact]
    public void Containers_are_one_image_pinned_by_its_digest()
    {
        var images = _files.SelectMany(file => Jobs(Read(file))).Select(job => Text(job.Job, "container")).OfType<string>().ToList();

        Assert.NotEmpty(images);
        Assert.Matches("^debian:12@sha256:[0-9a-f]{64}$", Assert.Single(images.Distinct()));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_workflow_may_read_and_only_a_job_that_needs_more_may_do_more(string file)
    {
        var workflow = Read(file);

        Assert.Equal(["contents: read"], Rights(workflow));
        foreach (var (name, job) in Jobs(workflow))
        {
            Assert.All(Rights(job), right => Assert.Contains(right, (string[])["contents: read", "contents: write", "packages: write", "id-token: write"]));
            Assert.True(file == "release.yml" || !job.Children.ContainsKey("permissions"), $"{file}, job {name}: only a release writes.");
            Assert.True(IsCall(job) || job.Children.ContainsKey("timeout-minutes"), $"{file}, job {name} needs timeout-minutes.");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Scripts_take_nothing_from_outside_but_by_variables_and_bash_reads_them(string file)
    {
        foreach (var script in Steps(file).Select(step => Text(step, "run")).OfType<string>())
        {
            Assert.DoesNotContain("${{", script, StringComparison.Ordinal);
            var (code, _, error) = ChildProcess.Run("bash", ["-n", "-c", script]);
            Assert.True(code == 0, error);
        }
    }

    // Without the name it is bash -e, to which a pipe has succeeded when its last program has.
    [Theory]
    [MemberData(nameof(Files))]
    public void Whatever_fails_in_a_pipe_fails_its_step(string file)
    {
        var workflow = Read(file);
        foreach (var (name, job) in Jobs(workflow).Where(each => !IsCall(each.Job)))
        {
            foreach (var step in ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>().Where(step => Pipe().IsMatch(Text(step, "run") ?? "")))
            {
                Assert.True((Text(step, "shell") ?? DefaultShell(job) ?? DefaultShell(workflow)) == "bash", $"{file}, job {name}: a step with a pipe needs shell: bash.\n{Text(step, "run")}");
            }
        }
    }

    [Fact]
    public void Nothing_is_published_before_the_gate_and_Helm_have_passed()
    {
        var jobs = Jobs(Read("release.yml")).ToDictionary(each => each.Name, each => each.Job);

        Assert.Equal("./.github/workflows/test.yml", Text(jobs["test"], "uses"));
        Assert.Equal("./.github/workflows/chart.yml", Text(jobs["lint"], "uses"));
        foreach (var (name, _) in jobs.Where(job => Rights(job.Value).Any(right => right.EndsWith(": write", StringComparison.Ordinal))))
        {
            var before = Before(name).ToHashSet(StringComparer.Ordinal);
            Assert.True(before.IsSupersetOf(["test", "lint"]), $"{name} begins after {string.Join(", ", before)} alone.");
        }

        IEnumerable<string> Before(string name) => jobs[name].Children.TryGetValue("needs", out var needs)
            ? (needs as YamlSequenceNode ?? [needs]).Select(each => each.ToString()).SelectMany(each => Before(each).Prepend(each))
            : [];
    }

    [Fact]
    public void Packages_of_every_folder_are_watched()
    {
        var watched = ((YamlSequenceNode)Read("../dependabot.yml")["updates"]).Where(update => update["package-ecosystem"].ToString() == "npm").Select(update => update["directory"].ToString());
        var folders = Directory.GetDirectories(Path.Combine(SharedFiles.RepositoryRoot, "tests")).Where(folder => File.Exists(Path.Combine(folder, "package.json"))).Select(folder => "/tests/" + Path.GetFileName(folder));

        Assert.Equal(folders.Order(StringComparer.Ordinal), watched.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Targets_that_are_called_and_images_that_are_built_exist()
    {
        var targets = File.ReadAllLines(Path.Combine(SharedFiles.RepositoryRoot, "Makefile")).Where(line => Target().IsMatch(line)).Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var called = _files.SelectMany(Steps).Select(step => Text(step, "run")).OfType<string>().SelectMany(script => Made().Matches(script)).Select(match => match.Groups[1].Value).ToList();
        var images = Dockerfile.Read().Stages.Select(stage => stage.Name).ToHashSet(StringComparer.Ordinal);
        var built = _files.SelectMany(file => Built().Matches(File.ReadAllText(Path.Combine(_folder, file)))).SelectMany(match => (match.Groups[1].Value + match.Groups[2].Value).Split(',', StringSplitOptions.TrimEntries)).ToList();

        Assert.Equal(["endurance", "test"], called.Order(StringComparer.Ordinal));
        Assert.Subset(targets, called.ToHashSet(StringComparer.Ordinal));
        Assert.Equal(5, built.Count);
        Assert.Subset(images, built.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void Images_are_built_again_when_anything_changes_that_they_are_made_of()
    {
        var paths = ((YamlSequenceNode)Read("images.yml")["on"]["pull_request"]["paths"]).Select(path => path.ToString()).ToList();
        var copied = Dockerfile.Read().Stages.SelectMany(stage => stage.Instructions).Where(each => each.Name == "COPY" && !each.Options.ContainsKey("from")).SelectMany(copy => copy.Words.SkipLast(1));

        Assert.All(copied, source => Assert.Contains(paths, path => path.Split('*') is [var folder, _, ..] ? source.StartsWith(folder, StringComparison.Ordinal) : source == path));
    }

    [Theory]
    [InlineData("", "will fail")]
    [InlineData("none", "are skipped")]
    public void The_gate_says_first_that_what_it_reads_beside_the_repository_is_missing(string shared, string fate)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["clone/eng"]);
        File.Copy(Path.Combine(SharedFiles.RepositoryRoot, "eng", "prerequisites.sh"), folder["clone/eng/prerequisites.sh"]);

        var (code, output, error) = ChildProcess.Run("bash", [folder["clone/eng/prerequisites.sh"], "gate"], ("DYLORA_SHARED", shared));

        // The tests that do not read it still tell something.
        Assert.Equal((0, ""), (code, output));
        Assert.Matches($"^Tests that read .*/shared/data or .*/shared/fixtures {fate}, for these are not there: .*\n$", error);
    }

    private static YamlMappingNode Read(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(_folder, file));
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private static IEnumerable<(string Name, YamlMappingNode Job)> Jobs(YamlMappingNode workflow) =>
        ((YamlMappingNode)workflow["jobs"]).Children.Select(pair => (pair.Key.ToString(), (YamlMappingNode)pair.Value));

    private static IEnumerable<YamlMappingNode> Steps(string file) => Jobs(Read(file)).Where(job => !IsCall(job.Job)).SelectMany(job => (YamlSequenceNode)job.Job["steps"]).Cast<YamlMappingNode>();

    // A job that is another workflow.
    private static bool IsCall(YamlMappingNode job) => job.Children.ContainsKey("uses");

    private static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? value.ToString() : null;

    private static string? DefaultShell(YamlMappingNode node) =>
        node.Children.TryGetValue("defaults", out var defaults) && ((YamlMappingNode)defaults).Children.TryGetValue("run", out var run) ? Text((YamlMappingNode)run, "shell") : null;

    private static IEnumerable<string> Rights(YamlMappingNode node) =>
        node.Children.TryGetValue("permissions", out var rights) ? ((YamlMappingNode)rights).Children.Select(pair => $"{pair.Key}: {pair.Value}") : [];

    [GeneratedRegex(@"uses: (?:\./\.github/workflows/[a-z]+\.yml|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"(?<!\|)\|(?!\|)")]
    private static partial Regex Pipe();

    [GeneratedRegex(@"^[a-z-]+:")]
    private static partial Regex Target();

    [GeneratedRegex(@"\bmake ([a-z-]+)")]
    private static partial Regex Made();

    [GeneratedRegex(@"\{target: ([a-z-]+),|target: \[([a-z-]+(?:, [a-z-]+)*)\]")]
    private static partial Regex Built();
}
