using System.Text.Json.Nodes;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class SkillLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GaussianDescriber _describer = new();

    [Fact]
    public void A_library_survives_a_restart_with_everything_it_knows()
    {
        using (var library = Create())
        {
            Add(library, "reverse", kind: 1);
            library.AssignExpert("reverse", "reverse-expert", Evidence);
        }

        using var again = SkillLibrary.Open(_folder.FullPath, _describer);

        var skill = Assert.Single(again.Skills);
        Assert.Equal(("reverse", "reverse-expert", 100, 40), (skill.Name, skill.Expert, skill.TrainingSamples, skill.HeldOutSamples));
        Assert.Equal(0.5, skill.Evidence!.ExpertLoss, 1e-12);
        Assert.Equal([2.5, 2.5], skill.Evidence.Advantages);
        using var features = again.Features("reverse", SkillPart.HeldOut);
        using var expected = _describer.Features([.. GaussianDescriber.Samples(1, 40, seed: 2).Select(sample => sample.Ids[..2])]);
        Assert.True(expected.HasBitsOf(features));
        Assert.Equal(skill.Name, Assert.Single(SkillLibrary.Read(_folder.FullPath)).Name);
    }

    [Fact]
    public void A_dataset_is_described_once()
    {
        using var library = Create();
        Add(library, "reverse", kind: 1);
        var before = _describer.Described;

        Add(library, "reverse", kind: 1);
        Add(library, "mirror", kind: 1);

        Assert.Equal(before, _describer.Described);
        Assert.Equal(["reverse", "mirror"], library.Skills.Select(skill => skill.Name));
    }

    [Fact]
    public void A_library_remembers_the_words_that_prompts_share_and_finds_them_for_data_that_came_without()
    {
        using (var library = Create())
        {
            Assert.Equal([0], Add(library, "reverse", kind: 1).Datasets[0].Frame!.Before);
        }

        var state = Path.Combine(_folder.FullPath, "library.json");
        var parsed = JsonNode.Parse(File.ReadAllText(state))!;
        parsed["skills"]![0]!["datasets"]![0]!.AsObject().Remove("frame");
        File.WriteAllText(state, parsed.ToJsonString());

        using var again = SkillLibrary.Open(_folder.FullPath, _describer);
        Assert.Null(again.Skills[0].Datasets[0].Frame);
        var before = _describer.Described;
        Assert.Equal([0], Add(again, "reverse", kind: 1).Datasets[0].Frame!.Before);
        Assert.Equal(before, _describer.Described);
    }

    [Fact]
    public void More_data_join_the_skill_they_belong_to()
    {
        using var library = Create();
        Add(library, "reverse", kind: 1);
        Assert.Equal(100, library.VectorsOf("reverse").Training.shape[0]);

        Add(library, "reverse", kind: 2);

        Assert.Equal(200, Assert.Single(library.Skills).TrainingSamples);
        Assert.Equal(200, library.VectorsOf("reverse").Training.shape[0]);
    }

    [Fact]
    public void Only_so_many_samples_are_kept_and_always_the_same()
    {
        using var library = SkillLibrary.Create(_folder.FullPath, _describer, GaussianDescriber.Anchors(), new LibraryOptions { TrainingSamples = 20, HeldOutSamples = 10 });
        using var other = new TemporaryFolder();
        using var same = SkillLibrary.Create(other.FullPath, _describer, GaussianDescriber.Anchors(), library.Options);

        Add(library, "reverse", kind: 1);
        Add(same, "reverse", kind: 1);

        Assert.Equal((20, 10), (library.Skills[0].TrainingSamples, library.Skills[0].HeldOutSamples));
        Assert.Equal(library.Skills[0].Datasets[0].FileDigest, same.Skills[0].Datasets[0].FileDigest);
    }

    [Fact]
    public void A_skill_of_many_datasets_counts_for_no_more_than_one_and_always_by_the_same_samples()
    {
        using var library = SkillLibrary.Create(_folder.FullPath, _describer, GaussianDescriber.Anchors(), new LibraryOptions { TrainingSamples = 20, HeldOutSamples = 10 });
        Add(library, "reverse", kind: 1);
        Add(library, "reverse", kind: 2);
        Add(library, "reverse", kind: 3);

        using var features = library.Features("reverse", SkillPart.Training);
        var vectors = library.VectorsOf("reverse");

        Assert.Equal((60, 20, 20), (library.Skills[0].TrainingSamples, features.shape[0], vectors.TrainingGradients.shape[0]));
        Assert.Equal((10, 10), (vectors.HeldOut.shape[0], vectors.HeldOutGradients.shape[0]));
        Assert.Equal([0, 1, 2], library.Chosen("reverse", SkillPart.Training).Select(place => place / 20).Distinct());
        using var again = SkillLibrary.Open(_folder.FullPath, _describer);
        Assert.Equal(library.Chosen("reverse", SkillPart.Training), again.Chosen("reverse", SkillPart.Training));
    }

    [Fact]
    public void Rows_that_come_again_in_a_later_dataset_count_once()
    {
        using var library = Create();
        library.Add("reverse", "sha256:may", GaussianDescriber.Samples(1, 100, seed: 1), GaussianDescriber.Samples(1, 40, seed: 2), _describer);
        library.Add("reverse", "sha256:june", GaussianDescriber.Samples(1, 120, seed: 1), GaussianDescriber.Samples(1, 45, seed: 2), _describer);

        Assert.Equal(Enumerable.Range(0, 100).Concat(Enumerable.Range(200, 20)), library.Chosen("reverse", SkillPart.Training));
        Assert.Equal((120, 45), (library.VectorsOf("reverse").Training.shape[0], library.VectorsOf("reverse").HeldOut.shape[0]));
    }

    [Fact]
    public void Descriptions_of_earlier_versions_which_name_no_samples_count_by_their_places()
    {
        using (var library = Create())
        {
            Add(library, "reverse", kind: 1);
            Add(library, "reverse", kind: 2);
        }

        var state = File.ReadAllText(_folder["library.json"]);
        foreach (var path in Directory.GetFiles(Path.Combine(_folder.FullPath, "features")).Where(path => !path.Contains("anchors", StringComparison.Ordinal)))
        {
            var before = DigestOf(path);
            Dictionary<string, TorchSharp.torch.Tensor> tensors;
            using (var file = SafetensorsFile.Open(path))
            {
                tensors = file.Entries.Keys.Where(name => !name.EndsWith(".samples", StringComparison.Ordinal)).ToDictionary(name => name, name => file.Read(name));
            }

            SafetensorsWriter.Write(path, tensors);
            state = state.Replace(before, DigestOf(path), StringComparison.Ordinal);
        }

        File.WriteAllText(_folder["library.json"], state);
        using var again = SkillLibrary.Open(_folder.FullPath, _describer);
        Assert.Equal(200, again.VectorsOf("reverse").Training.shape[0]);

        static string DigestOf(string path) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
    }

    [Fact]
    public void A_library_of_another_backbone_or_other_features_is_refused()
    {
        Create().Dispose();

        var error = Assert.Throws<SkillLibraryException>(() => SkillLibrary.Open(_folder.FullPath, new GaussianDescriber(backbone: "sha256:two")));

        Assert.Contains("backbone 'sha256:one', found 'sha256:two'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_an_error_that_names_it()
    {
        using (var library = Create())
        {
            Add(library, "reverse", kind: 1);
        }

        var features = Directory.GetFiles(Path.Combine(_folder.FullPath, "features")).Single(file => !file.Contains("anchors", StringComparison.Ordinal));
        var bytes = File.ReadAllBytes(features);
        bytes[^5] ^= 1;
        File.WriteAllBytes(features, bytes);

        using (var library = SkillLibrary.Open(_folder.FullPath, _describer))
        {
            Assert.StartsWith(features, Assert.Throws<SkillLibraryException>(() => library.Features("reverse", SkillPart.Training)).Message, StringComparison.Ordinal);
            File.Delete(features);
            Assert.StartsWith(features, Assert.Throws<SkillLibraryException>(() => library.VectorsOf("reverse")).Message, StringComparison.Ordinal);
        }

        File.WriteAllText(_folder["library.json"], "{ \"format\": 1, ");
        Assert.StartsWith(_folder["library.json"], Assert.Throws<SkillLibraryException>(() => SkillLibrary.Open(_folder.FullPath, _describer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kill_between_the_two_files_leaves_the_library_as_it_was()
    {
        using (var library = Create())
        {
            Add(library, "reverse", kind: 1);
            File.Copy(_folder["library.json"], _folder["before"]);
            Add(library, "mirror", kind: 2);
        }

        File.Move(_folder["before"], _folder["library.json"], overwrite: true);
        using var again = SkillLibrary.Open(_folder.FullPath, _describer);
        Assert.Single(again.Skills);

        Add(again, "mirror", kind: 2);

        Assert.Equal(100, again.VectorsOf("mirror").Training.shape[0]);
    }

    [Fact]
    public void A_cancelled_description_adds_nothing()
    {
        using var library = Create();
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.Throws<OperationCanceledException>(() => library.Add("x", "sha256:x", GaussianDescriber.Samples(1, 50, 1), GaussianDescriber.Samples(1, 50, 2), _describer, null, cancellation.Token));

        Assert.Empty(library.Skills);
    }

    [Fact]
    public void A_removed_skill_takes_only_its_own_files_with_it()
    {
        using var library = Create();
        Add(library, "reverse", kind: 1);
        Add(library, "mirror", kind: 1);
        Add(library, "sort", kind: 2);

        library.Remove("reverse");
        library.Remove("sort");

        Assert.Equal(100, library.VectorsOf("mirror").Training.shape[0]);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder.FullPath, "features")).Length);
        Assert.Throws<ArgumentException>(() => library.Remove("sort"));
    }

    [Fact]
    public void Too_few_samples_or_anchors_are_refused_with_their_counts()
    {
        using var library = Create();

        var error = Assert.Throws<ArgumentException>(() => library.Add("x", "sha256:x", GaussianDescriber.Samples(1, 50, 1), GaussianDescriber.Samples(1, 3, 2), _describer));

        Assert.Contains("found 50 and 3", error.Message, StringComparison.Ordinal);
        Assert.Throws<SkillLibraryException>(Create);
    }

    public void Dispose() => _folder.Dispose();

    private static ExpertEvidence Evidence => new() { Backbone = [6, 12], Expert = [1, 2], Tokens = [2, 4] };

    private SkillLibrary Create() => SkillLibrary.Create(_folder.FullPath, _describer, GaussianDescriber.Anchors());

    private KnownSkill Add(SkillLibrary library, string name, int kind) => library.Add(
        name, $"sha256:{kind:x8}", GaussianDescriber.Samples(kind, 100, seed: 1), GaussianDescriber.Samples(kind, 40, seed: 2), _describer);
}
