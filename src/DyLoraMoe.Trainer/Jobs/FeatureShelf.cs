using System.Text.Json;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>
/// The skill library of a job, put together from descriptions that are in the store. What is not there yet is described once and published, so every
/// job goes on from the same numbers.
/// </summary>
internal sealed class FeatureShelf(JobContext context, WorkspaceSession session)
{
    private const string SampleFile = "samples.safetensors";
    private const string AnchorFile = "anchors.safetensors";
    private const string CountFile = "described.json";

    private string Common => CommonOf(context.Backbone.Digest, session.Describer.Identity);

    /// <summary>Puts the library together in the session's own folder, where the session then finds it.</summary>
    /// <param name="skills">The skills that it is to know.</param>
    public void Assemble(IReadOnlyList<SkillInput> skills)
    {
        var anchors = Anchors();
        var described = new List<DescribedSkill>();
        foreach (var skill in skills)
        {
            var entry = session.Workspace.State.Skills[skill.Name];
            described.Add(new DescribedSkill(skill.Name, [Described(skill.Dataset, anchors)], entry.Expert, entry.Expert is null ? null : entry.Evidence ?? Measured(skill)));
        }

        LibraryAssembly.Write(session.Workspace.LibraryFolder, session.Describer, new LibraryOptions(), anchors.File, anchors.Digest, described);
    }

    /// <summary>Descriptions of the prompts that the backbone makes up itself.</summary>
    public (string File, string Digest) Anchors()
    {
        string Key(string common) => $"anchors {common}; {session.Policy.Anchors}; {session.Policy.Seed}";
        var from = context.DerivedFrom(Key(Common));
        var folder = Find(from, Key);
        if (folder is null)
        {
            context.Say($"describing {session.Policy.Anchors} prompts of the backbone's own");
            var scratch = Scratch();
            using (SkillLibrary.Create(scratch, session.Describer, session.DrawAnchors(context.Stop)))
            {
            }

            folder = context.Derived.Publish(DerivedKind.Features, from, target => File.Copy(LibraryAssembly.AnchorFileOf(scratch), Path.Combine(target, AnchorFile)));
            Directory.Delete(scratch, recursive: true);
        }

        var file = Path.Combine(folder, AnchorFile);
        return (file, DigestOf(file));
    }

    /// <summary>Descriptions of a dataset's samples.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="anchors">The anchors.</param>
    public DescribedDataset Described(string dataset, (string File, string Digest) anchors)
    {
        var percent = session.Workspace.HeldOutPercents.GetValueOrDefault(dataset, session.Policy.HeldOutPercent);
        var data = session.Policy.Data with { HeldOutPercent = percent };
        string Key(string common) => $"samples {common}; {dataset}; {JsonText.Line(data)}; {JsonText.Line(new LibraryOptions())}";
        var from = context.DerivedFrom(Key(Common), dataset);
        var folder = Find(from, Key) ?? Describe(dataset, anchors, from);
        var counts = JsonText.Parse<Counts>(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, CountFile))).RootElement);
        return new DescribedDataset(dataset, counts.Training, counts.HeldOut, Path.Combine(folder, SampleFile), DigestOf(Path.Combine(folder, SampleFile)), counts.Frame);
    }

    // Descriptions of the backbone that this one grew from are as good where it computes the same.
    private string? Find(DerivedFrom wanted, Func<string, string> key)
    {
        if (context.Derived.Find(DerivedKind.Features, wanted) is { } own)
        {
            return own;
        }

        if (session.Descriptions.Former is not { Identity: { } identity } former)
        {
            return null;
        }

        var before = wanted with { Key = key(CommonOf(former.Backbone, identity)), Backbone = former.Backbone };
        return context.Derived.Find(DerivedKind.Features, before) is { } described ? context.Derived.Publish(DerivedKind.Features, wanted, target => Copy(described, target)) : null;
    }

    private static void Copy(string described, string target)
    {
        foreach (var name in new[] { AnchorFile, SampleFile, CountFile }.Where(name => File.Exists(Path.Combine(described, name))))
        {
            File.Copy(Path.Combine(described, name), Path.Combine(target, name));
        }
    }

    private string CommonOf(string backbone, string identity) => $"2; {backbone}; {identity}; {session.Policy.Experts.Training.Backbone}";

    private string Describe(string dataset, (string File, string Digest) anchors, DerivedFrom from)
    {
        context.Say($"describing dataset {dataset}");
        var data = session.Data([dataset]);
        var scratch = Scratch();
        LibraryAssembly.Write(scratch, session.Describer, new LibraryOptions(), anchors.File, anchors.Digest, []);
        using var library = SkillLibrary.Open(scratch, session.Describer);
        var known = library.Add("skill", dataset, data.TrainTokens, data.HeldOutTokens, session.Describer, cancellation: context.Stop).Datasets[0];
        var folder = context.Derived.Publish(DerivedKind.Features, from, target =>
        {
            File.Copy(LibraryAssembly.FileOf(scratch, dataset), Path.Combine(target, SampleFile));
            AtomicFile.WriteText(Path.Combine(target, CountFile), JsonText.Of(new Counts(known.TrainingSamples, known.HeldOutSamples, known.Frame)));
        });
        Directory.Delete(scratch, recursive: true);
        return folder;
    }

    // An expert that covers a skill has not been trained on it, so its card says nothing about it.
    private ExpertEvidence? Measured(SkillInput skill)
    {
        var expert = session.Workspace.State.Experts[skill.Expert];
        var percent = session.Workspace.HeldOutPercents.GetValueOrDefault(skill.Dataset, session.Policy.HeldOutPercent);
        var data = session.Policy.Data with { HeldOutPercent = percent };
        var from = context.DerivedFrom($"evidence {Common}; {skill.Dataset}; {JsonText.Line(data)}; {expert.Digest}", skill.Dataset, expert.Digest);
        if (context.Derived.Find(DerivedKind.Results, from) is { } folder)
        {
            return JsonText.Parse<ExpertEvidence>(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, CountFile))).RootElement);
        }

        using var adapter = session.Load(expert);
        var evidence = session.Evidence(adapter, [(skill.Name, session.Data([skill.Dataset]))], context.Stop)[skill.Name];
        context.Derived.Publish(DerivedKind.Results, from, target => AtomicFile.WriteText(Path.Combine(target, CountFile), JsonText.Of(evidence)));
        return evidence;
    }

    private string Scratch() => Path.Combine(context.Work, "library-" + Guid.NewGuid().ToString("N"));

    private static string DigestOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream));
    }

    private sealed record Counts(int Training, int HeldOut, PromptFrame? Frame);
}
