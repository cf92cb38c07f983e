using System.Text.RegularExpressions;
using DyLoraMoe.Install.Tests.Chart;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Images;

/// <summary>What can be known about the images without building them.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] _targets = ["operator", "runtime", "runtime-cpu"];
    private static readonly Dockerfile _file = Dockerfile.Read();

    [Fact]
    public void Everything_that_is_copied_is_there_and_gets_to_the_builder()
    {
        var copies = _file.Stages.SelectMany(stage => stage.Instructions).Where(each => each.Name == "COPY" && !each.Options.ContainsKey("from")).ToList();
        var ignored = new IgnoreFile(File.ReadAllLines(Path.Combine(SharedFiles.RepositoryRoot, ".dockerignore")));

        Assert.NotEmpty(copies);
        foreach (var source in copies.SelectMany(copy => copy.Words.SkipLast(1)))
        {
            var path = source.TrimEnd('/');
            Assert.True(Path.Exists(Path.Combine(SharedFiles.RepositoryRoot, path)), $"COPY {source}: there is no such file.");
            Assert.False(ignored.Leaves(path), $"COPY {source}: .dockerignore keeps it from the builder.");
        }
    }

    [Fact]
    public void What_is_copied_from_a_stage_is_made_by_it()
    {
        foreach (var (stage, index) in _file.Stages.Select((stage, index) => (stage, index)))
        {
            foreach (var copy in stage.Instructions.Where(each => each.Name == "COPY" && each.Options.ContainsKey("from")))
            {
                var from = _file.Stages.Take(index).SingleOrDefault(each => each.Name == copy.Options["from"]);
                Assert.True(from is not null, $"{stage.Name} copies from {copy.Options["from"]}, which is no stage before it.");
                var source = copy.Words[0].TrimEnd('/');
                Assert.True(
                    from.Instructions.Any(each => each.Name == "RUN" && each.Text.Contains($"--output {source}", StringComparison.Ordinal))
                        || (source == "/usr/share/dotnet" && from.Name == "aspnet")
                        || (source == "/usr/share/zoneinfo" && from.Name == "operator-build"),
                    $"{stage.Name} copies {source} from {from.Name}, which makes no such folder.");
            }
        }
    }

    [Fact]
    public void A_restore_sees_every_project_that_it_needs()
    {
        var copied = _file.Stages.Single(stage => stage.Name == "projects").Instructions.Where(each => each.Name == "COPY").SelectMany(copy => copy.Words.SkipLast(1)).ToHashSet();
        var published = _file.Stages.SelectMany(stage => stage.Instructions).Where(each => each.Name == "RUN").SelectMany(run => Project().Matches(run.Text)).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.Equal(["src/DyLoraMoe.Operator", "src/DyLoraMoe.Router", "src/DyLoraMoe.Trainer"], published.Order(StringComparer.Ordinal));
        Assert.All(published.SelectMany(With), project => Assert.Contains(project, copied));

        static IEnumerable<string> With(string folder)
        {
            var project = $"{folder}/{Path.GetFileName(folder)}.csproj";
            return Reference().Matches(File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, project))).Select(match => match.Groups[1].Value).SelectMany(name => With($"src/{name}")).Append(project);
        }
    }

    [Fact]
    public void The_compiler_has_the_rules_of_the_repository()
    {
        var copied = _file.Stages.Single(stage => stage.Name == "projects").Instructions.Where(each => each.Name == "COPY").SelectMany(copy => copy.Words.SkipLast(1));

        Assert.Subset(copied.ToHashSet(), new[] { ".editorconfig", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json" }.ToHashSet());
    }

    [Fact]
    public void Bases_are_named_by_version()
    {
        // Dependabot looks up no variable.
        Assert.All(_file.Stages.Select(_file.ImageOf), image => Assert.Matches("^[a-z0-9./-]+:[0-9][A-Za-z0-9._-]+$", image));
        Assert.EndsWith("-chiseled", _file.ImageOf(_file.Stages.Single(stage => stage.Name == "operator")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("runtime")]
    [InlineData("runtime-cpu")]
    public void An_image_runs_as_the_user_of_the_manifests(string target)
    {
        var stage = _file.Stages.Single(each => each.Name == target);
        var user = (long)YamlJson.Read(File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "config", "manager", "deployment.yaml"))).Single().PodSpec()!["securityContext"]!["runAsUser"]!;

        Assert.Equal($"{user}:{user}", stage.Last("USER")!.Text);
        Assert.DoesNotContain(stage.Instructions.SkipWhile(each => each.Name != "USER").Skip(1), each => each.Name is "RUN" or "COPY" or "USER");
        Assert.NotNull(stage.Last("HEALTHCHECK"));
        foreach (var label in new[] { "title", "description", "version", "revision" })
        {
            Assert.Contains($"org.opencontainers.image.{label}=", stage.Last("LABEL")!.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Images_start_the_programs_that_pods_start()
    {
        Assert.Equal("""["dylora-operator"]""", _file.Stages.Single(stage => stage.Name == "operator").Last("ENTRYPOINT")!.Text);
        foreach (var target in _targets)
        {
            // Pods name commands without a path.
            Assert.Contains(_file.Stages.Single(stage => stage.Name == target).Instructions, each => each.Name == "ENV" && each.Text.Contains("PATH=/app:", StringComparison.Ordinal));
        }

        foreach (var (project, program) in new[] { ("Operator", "dylora-operator"), ("Router", "dylora-router"), ("Trainer", "dylora") })
        {
            Assert.Contains($"<AssemblyName>{program}</AssemblyName>", File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, $"src/DyLoraMoe.{project}/DyLoraMoe.{project}.csproj")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_is_fetched_by_address_and_no_secret_is_built_in()
    {
        var instructions = _file.Stages.SelectMany(stage => stage.Instructions).ToList();

        Assert.DoesNotContain(instructions, each => each.Name == "ADD");
        Assert.DoesNotContain(instructions, each => each.Name == "RUN" && Fetching().IsMatch(each.Text));
        Assert.DoesNotContain(instructions, each => each.Name is "ENV" or "ARG" && Secret().IsMatch(each.Text));
        Assert.All(
            instructions.Where(each => each.Name == "RUN" && each.Text.Contains("apt-get install", StringComparison.Ordinal)),
            each => Assert.True(each.Text.Contains("--no-install-recommends", StringComparison.Ordinal) && each.Text.Contains("rm -rf /var/lib/apt/lists", StringComparison.Ordinal), each.Text));
    }

    [Fact]
    public void Packages_are_those_of_the_registry_and_restores_are_cached()
    {
        var runs = _file.Stages.SelectMany(stage => stage.Instructions).Where(each => each.Name == "RUN" && each.Text.Contains("dotnet", StringComparison.Ordinal)).ToList();

        Assert.Equal(6, runs.Count);
        Assert.All(runs, run =>
        {
            // Layers are kept where the packages' mount is not.
            Assert.DoesNotContain("--no-restore", run.Text, StringComparison.Ordinal);
            Assert.Contains("-p:Packages=nuget", run.Text, StringComparison.Ordinal);
            Assert.Contains("type=cache", run.Options["mount"], StringComparison.Ordinal);
        });
        Assert.Contains("-p:Torch=cuda", runs.Single(run => run.Text.Contains("publish src/DyLoraMoe.Router", StringComparison.Ordinal) && !run.Text.Contains("Torch=cpu", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Chart_and_manifests_name_the_version_of_the_images()
    {
        var version = (string)YamlJson.Read(File.ReadAllText(Path.Combine(Renderer.ChartFolder, "Chart.yaml"))).Single()["appVersion"]!;

        Assert.All(_targets, target => Assert.Contains(_file.Stages.Single(stage => stage.Name == target).Instructions, each => each.Name == "ARG" && each.Text == $"VERSION={version}"));
        Assert.Contains($"dylora-operator:{version}", File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "config", "manager", "deployment.yaml")), StringComparison.Ordinal);
        Assert.Contains($"newTag: {version}", File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "kustomization.yaml")), StringComparison.Ordinal);
    }

    [GeneratedRegex("(src/DyLoraMoe\\.[A-Za-z]+)")]
    private static partial Regex Project();

    [GeneratedRegex("<ProjectReference Include=\"\\.\\./[^\"]*/([A-Za-z.]+)\\.csproj\"")]
    private static partial Regex Reference();

    [GeneratedRegex("\\b(curl|wget|git clone|nc)\\b")]
    private static partial Regex Fetching();

    [GeneratedRegex("PASSWORD|TOKEN|SECRET|API_KEY", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
