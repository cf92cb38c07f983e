using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;
using DyLoraMoe.Router.Tests;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

[assembly: AssemblyFixture(typeof(SampleSet))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace DyLoraMoe.Router.Tests;

/// <summary>
/// A store with a set over the built-in backbone: eight experts that change every answer, four of each mode and one of those with an
/// invocation sequence, and a router fitted on prompts of eight skills.
/// </summary>
public sealed class SampleSet : IDisposable
{
    private static readonly string[] _skills = ["binary", "caesar", "clock", "date", "reverse", "roman", "sort", "vowels"];

    private readonly TemporaryFolder _folder = new();
    private SetRevision? _withMap;

    public SampleSet()
    {
        set_num_threads(1);
        Store = _folder["store"];
        Backbone = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        var store = new ArtifactStore(Store);
        using var model = ModelFolder.Load(Backbone);
        var tokenizer = TextTokenizer.Load(Backbone);
        var digest = BackboneDigest.Of(Backbone);
        var members = _skills.Select((name, index) => Publish(store, model, tokenizer, name, index)).ToArray();
        Document = new SetRevision
        {
            Backbone = new BackboneInput("tiny", digest, "auto"),
            Experts = members,
            Router = PublishRouter(store, model, tokenizer, digest),
        };
        SetFile = Write("set.json", Document);
    }

    public string Store { get; }

    public string Backbone { get; }

    public string SetFile { get; }

    internal SetRevision Document { get; }

    public static IReadOnlyList<string> Skills => _skills;

    /// <summary>A prompt of a skill.</summary>
    public static string Prompt(string skill, ulong seed = 99) => SkillSamples.Generate(FamilyOf(skill), seed, 1).Single().Prompt;

    internal string Write(string name, SetRevision document)
    {
        File.WriteAllText(_folder[name], ContractJson.Write(document));
        return _folder[name];
    }

    internal LoadedSet Load(Func<SetRevision, SetRevision>? change = null, string? store = null, EngineOptions? engine = null)
    {
        var file = change is null ? SetFile : Write($"set-{Guid.NewGuid():N}.json", change(Document));
        using var loader = new SetLoader(new SetSources(file, store ?? Store, Backbone, "auto", _ => null, engine ?? new EngineOptions()));
        return loader.Load(CancellationToken.None);
    }

    /// <summary>A store with the same artifacts, to damage.</summary>
    internal string CopyStore(TemporaryFolder folder)
    {
        var root = folder["store"];
        foreach (var path in Directory.EnumerateFiles(Store, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(root, Path.GetRelativePath(Store, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        return root;
    }

    /// <summary>The file with the factors of one of the experts.</summary>
    internal string WeightsIn(string store, int expert) => Path.Combine(store, "experts", Document.Experts[expert].Digest["sha256:".Length..], "adapter_model.safetensors");

    /// <summary>The same set, its router published with a map of what two of its skills look like.</summary>
    internal SetRevision WithMap() => _withMap ??= PublishMap();

    /// <summary>The same set, in which the expert for dates says that it has learnt episodes.</summary>
    internal SetRevision WithEpisodes(params string[] ids) => WithEpisodes(["date"], ids);

    /// <summary>The same set, in which several experts say that they have learnt episodes.</summary>
    internal SetRevision WithEpisodes(string[] experts, string[] ids)
    {
        var store = new ArtifactStore(Store);
        return Document with { Experts = [.. Document.Experts.Select(expert => experts.Contains(expert.Name) ? expert with { Digest = Published(expert) } : expert)] };

        string Published(SetMember member) => store.Publish(ArtifactKind.Expert, folder =>
        {
            foreach (var file in Directory.GetFiles(store.Open(ArtifactKind.Expert, member.Digest)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            LearntEpisodes.Save(folder, ids);
        });
    }

    /// <summary>Digest of an expert whose update is too large for a number; published beside the one that it is made from.</summary>
    internal string Overflowing(string expert)
    {
        var store = new ArtifactStore(Store);
        using var model = ModelFolder.Load(Backbone);
        using var adapter = PeftFolder.Load(store.Open(ArtifactKind.Expert, expert), model);
        using (no_grad())
        {
            foreach (var layer in adapter.Layers.Values)
            {
                layer.A.mul_(1e30f);
                layer.B.mul_(1e30f);
            }
        }

        return store.Publish(ArtifactKind.Expert, folder => PeftFolder.Save(folder, adapter));
    }

    /// <summary>The same set on a backbone that has grown, whose weights only the store has.</summary>
    internal SetRevision Grown()
    {
        var store = new ArtifactStore(Store);
        using var model = ModelFolder.Load(Backbone);
        var plan = GrowthPlan.Of(model.Config, new WidenFeedForward(model.Config.IntermediateSize + 64));
        using var grown = plan.Grow(model);
        var artifact = store.Publish(ArtifactKind.Backbone, folder =>
        {
            ModelFolder.Save(folder, grown);
            CompanionFiles.Copy(Backbone, folder);
        });
        var digest = BackboneDigest.Of(store.Open(ArtifactKind.Backbone, artifact));
        var members = Document.Experts.Select(member =>
        {
            using var adapter = PeftFolder.Load(store.Open(ArtifactKind.Expert, member.Digest), model);
            using var carried = GrownAdapter.Of(plan, adapter);
            return member with { Digest = store.Publish(ArtifactKind.Expert, folder => PeftFolder.Save(folder, carried)) };
        }).ToList();
        using var router = DynamicHybridRouter.Load(store.Open(ArtifactKind.Router, Document.Router!), new RouterIdentity(FeatureOptions.Default.Digest, Document.Backbone.Digest!));
        using var kept = GrownRouter.Of(router, new RouterIdentity(GrownDescriptions.Of(plan).Features.Digest, digest));
        return Document with
        {
            Backbone = Document.Backbone with { Digest = digest, Artifact = artifact },
            Experts = members,
            Router = store.Publish(ArtifactKind.Router, folder => kept.Save(folder)),
        };
    }

    public void Dispose() => _folder.Dispose();

    private SetRevision PublishMap()
    {
        var store = new ArtifactStore(Store);
        using var model = ModelFolder.Load(Backbone);
        var tokenizer = new SampleTokenizer(new TextTokenSource(TextTokenizer.Load(Backbone)), new TokenizeOptions());
        var gate = store.Open(ArtifactKind.Router, Document.Router!);
        return Document with
        {
            Router = store.Publish(ArtifactKind.Router, folder =>
            {
                foreach (var file in Directory.GetFiles(gate))
                {
                    File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
                }

                using var describer = new SampleDescriber(model, Document.Backbone.Digest!);
                List<TokenizedSample> SamplesOf(string skill, ulong seed, int count) => tokenizer.TokenizeAll(SkillSamples.Generate(FamilyOf(skill), seed, count));
                using var place = new TemporaryFolder();
                using var library = SkillLibrary.Create(place.FullPath, describer, [.. Skills.SelectMany(skill => SamplesOf(skill, 7, 5)).Select(sample => sample.Ids)]);
                foreach (var skill in (string[])["date", "sort"])
                {
                    library.Add(skill, "sha256:" + skill, SamplesOf(skill, 1, 24), SamplesOf(skill, 2, 40), describer);
                    library.AssignExpert(skill, skill, null);
                }

                using var map = NoveltyMap.Of(library);
                map.Save(folder, new RouterIdentity(FeatureOptions.Default.Digest, Document.Backbone.Digest!));
            }),
        };
    }

    private static ISkillFamily FamilyOf(string name) => SkillCatalog.Get(name);

    private static SetMember Publish(ArtifactStore store, CausalLanguageModel model, TextTokenizer tokenizer, string name, int index)
    {
        var config = new LoraConfig
        {
            Rank = 4,
            Alpha = 8,
            Mode = index % 2 == 0 ? AdapterMode.Activated : AdapterMode.Full,
            InvocationTokens = index == 2 ? tokenizer.Encode(" ->", addSpecialTokens: false) : null,
        };
        using var adapter = LoraAdapter.Create(model, config, index + 1);
        using var random = new Generator((ulong)index + 100, CPU);
        using (no_grad())
        {
            foreach (var layer in adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                using var noise = randn(layer.Value.B.shape, generator: random);
                layer.Value.B.add_(noise, 0.05f);
            }
        }

        var digest = store.Publish(ArtifactKind.Expert, folder => PeftFolder.Save(folder, adapter));
        return new SetMember(name, digest, 1, config.Mode.ToString(), config.Rank, 0.5);
    }

    private static string PublishRouter(ArtifactStore store, CausalLanguageModel model, TextTokenizer tokenizer, string digest)
    {
        using var scope = NewDisposeScope();
        using var extractor = new FeatureExtractor(model);
        var features = _skills.Select(skill => extractor.Of([.. SkillSamples.Generate(FamilyOf(skill), 1, 24).Select(sample => tokenizer.Encode(sample.Prompt))])).ToArray();
        using var scaling = FeatureScaling.Of(cat(features, 0));
        var router = DynamicHybridRouter.Create(new RouterIdentity(FeatureOptions.Default.Digest, digest), scaling);
        foreach (var skill in _skills)
        {
            router = router.WithExpert(skill);
        }

        var fit = RouterTraining.Fit(router, [.. _skills.Select((skill, index) => new SkillFeatures(skill, index + 1, features[index]))], new RouterTrainingOptions { Steps = 60, RequireEverySkill = false });
        return store.Publish(ArtifactKind.Router, folder => fit.Router.Save(folder));
    }
}
