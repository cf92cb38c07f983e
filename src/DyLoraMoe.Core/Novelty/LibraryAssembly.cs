namespace DyLoraMoe.Core.Novelty;

/// <summary>Descriptions of one dataset in a file, made by a library before.</summary>
/// <param name="Digest">What a library knows the dataset by.</param>
/// <param name="TrainingSamples">How many training samples the file describes.</param>
/// <param name="HeldOutSamples">How many held-out samples the file describes.</param>
/// <param name="File">The file.</param>
/// <param name="FileDigest">Its SHA-256 in hexadecimal.</param>
/// <param name="Frame">What its prompts share.</param>
public sealed record DescribedDataset(string Digest, int TrainingSamples, int HeldOutSamples, string File, string FileDigest, PromptFrame? Frame);

/// <summary>A skill whose datasets are described already.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datasets">Its datasets.</param>
/// <param name="Expert">The expert that owns it, if any.</param>
/// <param name="Evidence">What that expert gains on it; null where that was not measured.</param>
public sealed record DescribedSkill(string Name, IReadOnlyList<DescribedDataset> Datasets, string? Expert, ExpertEvidence? Evidence);

/// <summary>
/// Puts a library together from files that libraries wrote before, without describing anything: a process that has no library of its own opens one over
/// what others have published.
/// </summary>
public static class LibraryAssembly
{
    /// <summary>Writes a library that refers to the files.</summary>
    /// <param name="folder">Where; must not hold a library yet.</param>
    /// <param name="describer">Whose descriptions they are.</param>
    /// <param name="options">What was kept of a dataset.</param>
    /// <param name="anchors">The file with the anchors' features.</param>
    /// <param name="anchorDigest">Its SHA-256 in hexadecimal.</param>
    /// <param name="skills">The skills.</param>
    public static void Write(
        string folder, ISampleDescriber describer, LibraryOptions options, string anchors, string anchorDigest, IReadOnlyList<DescribedSkill> skills)
    {
        ArgumentNullException.ThrowIfNull(describer);
        ArgumentNullException.ThrowIfNull(skills);
        var place = new LibraryFolder(folder);
        if (place.Exists)
        {
            throw new SkillLibraryException(folder, "it holds a library already; choose another folder");
        }

        Link(folder, LibraryFolder.AnchorName, anchors);
        foreach (var dataset in skills.SelectMany(skill => skill.Datasets).DistinctBy(dataset => dataset.Digest))
        {
            Link(folder, dataset.Digest, dataset.File);
        }

        place.WriteState(new LibraryState
        {
            Format = LibraryState.CurrentFormat,
            Backbone = describer.Backbone,
            Descriptions = describer.Identity,
            Options = options,
            AnchorDigest = anchorDigest,
            Skills = [.. skills.Select(skill => new KnownSkill(
                skill.Name,
                [.. skill.Datasets.Select(dataset => new KnownDataset(dataset.Digest, dataset.TrainingSamples, dataset.HeldOutSamples, dataset.FileDigest, dataset.Frame))],
                skill.Expert,
                skill.Evidence))],
        });
    }

    /// <summary>The file with a library's own descriptions of a dataset.</summary>
    /// <param name="folder">The library's folder.</param>
    /// <param name="dataset">What the library knows the dataset by.</param>
    public static string FileOf(string folder, string dataset) => new LibraryFolder(folder).PathOf(dataset);

    /// <summary>The file with the features of a library's anchors.</summary>
    /// <param name="folder">The library's folder.</param>
    public static string AnchorFileOf(string folder) => FileOf(folder, LibraryFolder.AnchorName);

    private static void Link(string folder, string name, string file)
    {
        var link = FileOf(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, Path.GetFullPath(file));
    }
}
