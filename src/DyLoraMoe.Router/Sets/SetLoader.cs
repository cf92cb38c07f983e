using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Artifacts.S3;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Traffic;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Sets;

/// <summary>
/// Loads a set, all of it or nothing, every part checked against its digest. What was loaded is kept when another part fails, so that
/// a later try asks for the missing part only.
/// </summary>
internal sealed class SetLoader(SetSources sources) : IDisposable
{
    private readonly Dictionary<string, LoadedExpert> _experts = new(StringComparer.Ordinal);
    private Backbone? _backbone;
    private AdapterPool? _pool;
    private StorePlace? _store;

    /// <summary>Loads the set.</summary>
    /// <param name="cancellation">Stops between two parts.</param>
    /// <exception cref="SetException">A part is missing or damaged.</exception>
    public LoadedSet Load(CancellationToken cancellation)
    {
        var document = Part("set", ReadDocument);
        _backbone ??= Part("backbone", () => ReadBackbone(document));
        cancellation.ThrowIfCancellationRequested();
        var store = Part("store", OpenStore);
        _pool ??= new AdapterPool(_backbone.Model, Budget(_backbone.Model.Device, sources.Engine));
        foreach (var member in document.Experts.Where(member => !_experts.TryGetValue(member.Name, out var known) || known.Member != member))
        {
            cancellation.ThrowIfCancellationRequested();
            _experts[member.Name] = Part($"expert {member.Name}", () => ReadExpert(store, member));
        }

        var (router, novelty, traffic) = Part("router", () => ReadRouter(store, document));
        var (model, tokenizer, digest, descriptions) = _backbone;
        LoadedExpert[] experts = [.. document.Experts.Select(member => _experts[member.Name])];
        var endTokens = model.Config.EosTokenIds.Concat(tokenizer.EosIds).ToHashSet();
        var set = new LoadedSet
        {
            Document = document,
            Revision = document.ComputeRevision(),
            BackboneDigest = digest,
            Model = model,
            Tokenizer = tokenizer,
            Experts = experts,
            Pool = new ExpertPool(experts, _pool),
            Router = router,
            Novelty = novelty,
            Traffic = traffic,
            Pooler = new FeaturePooler(model.Config, descriptions.Features),
            EndTokens = endTokens,
            Texts = AnswerTexts.Of(tokenizer, model.Config.VocabularySize, endTokens),
        };
        _backbone = null;
        _pool = null;
        return set;
    }

    /// <summary>Frees what was loaded and not handed out.</summary>
    public void Dispose()
    {
        _store?.Dispose();
        _pool?.Dispose();
        _backbone?.Model.Dispose();
    }

    private static T Part<T>(string part, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (SetException or OperationCanceledException))
        {
            throw new SetException(part, $"{part}: {error.Message}", error);
        }
    }

    private SetRevision ReadDocument()
    {
        var document = ContractJson.Read<SetRevision>(File.ReadAllText(sources.Set));
        if (document.ApiVersion != SetRevision.CurrentVersion)
        {
            throw new InvalidDataException($"{sources.Set} is of format '{document.ApiVersion}', expected '{SetRevision.CurrentVersion}'.");
        }

        if (document.Experts.GroupBy(member => member.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"{sources.Set} names the expert '{twice.Key}' twice.");
        }

        return document.Experts.Count == 0 || document.Router is not null
            ? document
            : throw new InvalidDataException($"{sources.Set} names {document.Experts.Count} experts but no router.");
    }

    // A store that is not there was not mounted; an empty one in its place would hide that.
    private ArtifactStore OpenStore()
    {
        if (!S3Location.IsOne(sources.Store) && !Directory.Exists(sources.Store))
        {
            throw new DirectoryNotFoundException($"{sources.Store} is not there; mount the volume that the jobs publish to.");
        }

        return (_store ??= StorePlace.Open(sources.Store, sources.Cache, sources.Environment, Buckets)).Artifacts();
    }

    private S3Options Buckets => S3Options.FromEnvironment(sources.Environment, sources.Stop);

    private string FetchBackbone()
    {
        using var bucket = S3Bucket.Open(S3Location.Parse(sources.Backbone), sources.Environment, Buckets);
        return S3Mirror.Fetch(bucket, sources.Cache, BackboneDigest.IsOfModel);
    }

    private Backbone ReadBackbone(SetRevision document)
    {
        var folder = document.Backbone.Artifact is { } artifact ? Part("store", OpenStore).Open(ArtifactKind.Backbone, artifact)
            : S3Location.IsOne(sources.Backbone) ? FetchBackbone()
            : BackboneFolder.Resolve(sources.Backbone, sources.Environment);
        var digest = BackboneDigest.Of(folder);
        if (document.Backbone.Digest is { } expected && ArtifactDigest.Hex(expected) != ArtifactDigest.Hex(digest))
        {
            throw new InvalidDataException($"{folder} has the digest {digest}, the set asks for {expected}; mount the backbone that the experts were trained on.");
        }

        var (tokenizer, descriptions) = (TextTokenizer.Load(folder), BackboneDescriptions.Of(folder));
        var place = ComputePlace.Of(sources.Device, document.Backbone.Dtype, ModelConfigFile.Read(folder));
        return new Backbone(ModelFolder.Load(folder, place.DataType, place.Device), tokenizer, digest, descriptions);
    }

    // Where there is one memory, what leaves the device's share is gone.
    private static AdapterPoolOptions Budget(Device device, EngineOptions options) =>
        new() { DeviceBytes = options.ExpertBytes, HostBytes = device.type == TorchSharp.DeviceType.CPU ? 0 : options.ExpertHostBytes };

    private LoadedExpert ReadExpert(ArtifactStore store, SetMember member)
    {
        var folder = store.Open(ArtifactKind.Expert, member.Digest);
        using var lease = _pool!.Acquire(folder);
        var adapter = lease.Adapter;
        if (adapter.Config.Mode.ToString() != member.Mode || adapter.Config.Rank != member.Rank)
        {
            var found = $"mode {adapter.Config.Mode} and rank {adapter.Config.Rank}";
            throw new InvalidDataException($"its artifact {member.Digest} has {found}, the set says mode {member.Mode} and rank {member.Rank}.");
        }

        return new LoadedExpert(member, folder, adapter.Config, adapter.Bytes);
    }

    private (DynamicHybridRouter? Router, PromptNovelty? Novelty, TrafficMonitor? Traffic) ReadRouter(ArtifactStore store, SetRevision document)
    {
        if (document.Router is not { } digest)
        {
            return (null, null, null);
        }

        var folder = store.Open(ArtifactKind.Router, digest);
        var router = DynamicHybridRouter.Load(folder, new RouterIdentity(_backbone!.Descriptions.Features.Digest, _backbone.Digest));
        try
        {
            router = Fitted(router, document);
            var (novelty, traffic) = ReadNovelty(folder, router);
            return (router, novelty, traffic);
        }
        catch
        {
            router.Dispose();
            throw;
        }
    }

    // The document decides on members, maturity and policy; the artifact holds the gate.
    private static DynamicHybridRouter Fitted(DynamicHybridRouter router, SetRevision document)
    {
        var known = router.Experts.Select(expert => expert.Name).ToHashSet(StringComparer.Ordinal);
        if (document.Experts.FirstOrDefault(member => !known.Contains(member.Name)) is { } missing)
        {
            throw new InvalidDataException($"it was fitted for {string.Join(", ", known)} and does not know '{missing.Name}'; fit a router for this set.");
        }

        foreach (var gone in known.Except(document.Experts.Select(member => member.Name), StringComparer.Ordinal))
        {
            router = Next(router, router.Without(gone));
        }

        foreach (var member in document.Experts)
        {
            router = Next(router, router.WithMaturity(member.Name, Math.Clamp(member.Maturity, 0, 1)));
        }

        return Next(router, router.WithOptions(new RouterOptions
        {
            Temperature = document.Temperature ?? router.Options.Temperature,
            TopK = document.TopK ?? router.Options.TopK,
        }));

        static DynamicHybridRouter Next(DynamicHybridRouter before, DynamicHybridRouter after)
        {
            before.Dispose();
            return after;
        }
    }

    private (PromptNovelty? Novelty, TrafficMonitor? Traffic) ReadNovelty(string folder, DynamicHybridRouter router)
    {
        if (NoveltyMap.Load(folder, router.Identity) is not { } map)
        {
            return (null, null);
        }

        try
        {
            var novelty = new PromptNovelty(map, router.Entropy);
            return (novelty, new TrafficMonitor(map, novelty, sources.KeepNovelPrompts));
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private sealed record Backbone(CausalLanguageModel Model, TextTokenizer Tokenizer, string Digest, BackboneDescriptions Descriptions);
}

/// <summary>Where a set comes from.</summary>
/// <param name="Set">The document's file.</param>
/// <param name="Store">Folder of the artifact store, or its place in a bucket.</param>
/// <param name="Backbone">The backbone's folder, its place in a bucket, or <c>builtin:NAME</c>. Not looked at once the set's backbone has grown, which the store holds.</param>
/// <param name="Device">Where to compute, one of <see cref="ComputePlace.DeviceNames"/>.</param>
/// <param name="Environment">Reads a variable of the environment.</param>
/// <param name="Engine">How much memory experts may use.</param>
internal sealed record SetSources(string Set, string Store, string Backbone, string Device, Func<string, string?> Environment, EngineOptions Engine)
{
    /// <summary>Whether prompts that are like no known skill are remembered.</summary>
    public bool KeepNovelPrompts { get; init; }

    /// <summary>Folder for copies of what is in a bucket.</summary>
    public string Cache { get; init; } = Path.Combine(Path.GetTempPath(), "dylora-cache");

    /// <summary>Tells that the server is to stop.</summary>
    public CancellationToken Stop { get; init; }
}
