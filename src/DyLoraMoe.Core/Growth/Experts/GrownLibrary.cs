using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Core.Growth.Experts;

/// <summary>What became of one dataset's descriptions.</summary>
/// <param name="Dataset">What the library knows the dataset by.</param>
/// <param name="IsExact">Whether they were carried over as they are; otherwise they were made again.</param>
/// <param name="Reason">Why they had to be made again; null where they did not.</param>
public sealed record CarriedDataset(string Dataset, bool IsExact, string? Reason);

/// <summary>A skill library for the grown backbone: names, experts and evidence stay, and so do descriptions wherever they are still true.</summary>
public static class GrownLibrary
{
    /// <summary>Writes the library of a grown backbone.</summary>
    /// <param name="from">Folder of the library before.</param>
    /// <param name="before">Whoever described its samples.</param>
    /// <param name="to">Folder of the library after; must not hold one yet.</param>
    /// <param name="after">Describes samples by the grown backbone, as <paramref name="descriptions"/> say.</param>
    /// <param name="descriptions">How the grown backbone is looked at.</param>
    /// <param name="samples">Training and held-out samples of a dataset, and anchors under an empty name; asked for only where descriptions have to be made again.</param>
    /// <returns>What became of every dataset.</returns>
    /// <exception cref="SkillLibraryException">The library before is damaged or another's, or there is one at the new place.</exception>
    public static IReadOnlyList<CarriedDataset> Carry(
        string from,
        ISampleDescriber before,
        string to,
        ISampleDescriber after,
        GrownDescriptions descriptions,
        Func<string, (IReadOnlyList<TokenizedSample> Training, IReadOnlyList<TokenizedSample> HeldOut)>? samples = null)
    {
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(descriptions);
        using var library = SkillLibrary.Open(from, before);
        return descriptions.Recomputed is { } reason ? DescribeAgain(library, to, after, reason, samples) : Copy(library, from, to, after);
    }

    private static List<CarriedDataset> Copy(SkillLibrary library, string from, string to, ISampleDescriber after)
    {
        var (old, place) = (new LibraryFolder(from), new LibraryFolder(to));
        if (place.Exists)
        {
            throw new SkillLibraryException(to, "it holds a library already; choose another folder");
        }

        var state = old.ReadState();
        var datasets = library.Skills.SelectMany(skill => skill.Datasets).DistinctBy(dataset => dataset.Digest, StringComparer.Ordinal).ToList();
        foreach (var (name, digest) in datasets.Select(dataset => (dataset.Digest, dataset.FileDigest)).Prepend((LibraryFolder.AnchorName, state.AnchorDigest)))
        {
            // Opening reads every byte: what is damaged is not passed on.
            old.Open(name, digest).Dispose();
            Directory.CreateDirectory(Path.GetDirectoryName(place.PathOf(name))!);
            File.Copy(old.PathOf(name), place.PathOf(name), overwrite: true);
        }

        place.WriteState(state with { Backbone = after.Backbone, Descriptions = after.Identity });
        return [.. datasets.Select(dataset => new CarriedDataset(dataset.Digest, IsExact: true, null))];
    }

    private static List<CarriedDataset> DescribeAgain(
        SkillLibrary library,
        string to,
        ISampleDescriber after,
        string reason,
        Func<string, (IReadOnlyList<TokenizedSample> Training, IReadOnlyList<TokenizedSample> HeldOut)>? samples)
    {
        if (samples is null)
        {
            throw new GrowthRefusedException($"the library cannot be carried over without the skills' samples: {reason}");
        }

        var anchors = samples("").Training.Select(sample => sample.Ids).ToList();
        using var grown = SkillLibrary.Create(to, after, anchors, library.Options);
        var report = new List<CarriedDataset>();
        foreach (var skill in library.Skills)
        {
            foreach (var dataset in skill.Datasets)
            {
                var (training, heldOut) = samples(dataset.Digest);
                grown.Add(skill.Name, dataset.Digest, training, heldOut, after);
                report.Add(new CarriedDataset(dataset.Digest, IsExact: false, reason));
            }

            grown.AssignExpert(skill.Name, skill.Expert, skill.Evidence);
        }

        return report;
    }
}
