using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// What the system remembers of every skill: descriptions of some of its samples, made once per dataset by the frozen backbone, the
/// expert that owns it and what that expert gains. Of a skill with many datasets no more is used than is kept of one. Kept in a folder
/// that survives a kill at any moment. One process at a time changes a library, and one thread uses an instance.
/// </summary>
/// <remarks>Shapes: N training samples, M held-out samples, A anchors, F features, G gradient features.</remarks>
public sealed class SkillLibrary : IDisposable
{
    /// <summary>Fewest anchors: with less, features cannot be standardised.</summary>
    public const int LeastAnchors = 32;

    /// <summary>Fewest samples of a part of a dataset: with less, nothing can be fitted or calibrated.</summary>
    public const int LeastSamples = 8;

    private readonly LibraryFolder _folder;
    private readonly FeatureProjection _projection;
    private readonly Dictionary<string, SkillVectors> _vectors = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Skill, SkillPart Part), IReadOnlyList<int>> _chosen = [];
    private LibraryState _state;

    private SkillLibrary(LibraryFolder folder, LibraryState state)
    {
        _folder = folder;
        _state = state;
        using var anchors = folder.ReadAnchors(state.AnchorDigest);
        _projection = new FeatureProjection(anchors, state.Options);
    }

    /// <summary>What is kept of a skill.</summary>
    public LibraryOptions Options => _state.Options;

    /// <summary>Digest of the backbone that described everything.</summary>
    public string Backbone => _state.Backbone;

    /// <summary>The skills, in the order they were added.</summary>
    public IReadOnlyList<KnownSkill> Skills => _state.Skills;

    internal FeatureProjection Projection => _projection;

    /// <summary>Whether <paramref name="folder"/> holds a library.</summary>
    /// <param name="folder">The folder.</param>
    public static bool Exists(string folder) => new LibraryFolder(folder).Exists;

    /// <summary>The skills of a library, without loading what is known about them.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="SkillLibraryException">There is no library, or it is damaged.</exception>
    public static IReadOnlyList<KnownSkill> Read(string folder) => new LibraryFolder(folder).ReadState().Skills;

    /// <summary>Makes an empty library.</summary>
    /// <param name="folder">Where; must not hold a library yet.</param>
    /// <param name="describer">Describes the anchors now and skills later.</param>
    /// <param name="anchors">Prompts that belong to no skill, such as samples of the backbone itself; at least <see cref="LeastAnchors"/>. They say what is usual.</param>
    /// <param name="options">What to keep of a skill; the defaults when null.</param>
    public static SkillLibrary Create(string folder, ISampleDescriber describer, IReadOnlyList<int[]> anchors, LibraryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(describer);
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentOutOfRangeException.ThrowIfLessThan(anchors.Count, LeastAnchors, nameof(anchors));
        options ??= new LibraryOptions();
        options.Validate();
        var place = new LibraryFolder(folder);
        if (place.Exists)
        {
            throw new SkillLibraryException(folder, "it holds a library already; open that one, or choose another folder");
        }

        using var features = describer.Features(anchors);
        var state = new LibraryState
        {
            Format = LibraryState.CurrentFormat,
            Backbone = describer.Backbone,
            Descriptions = describer.Identity,
            Options = options,
            AnchorDigest = place.WriteAnchors(features),
        };
        place.WriteState(state);
        return new SkillLibrary(place, state);
    }

    /// <summary>Opens a library.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="describer">Whoever will describe samples; must be the one that the library was made with.</param>
    /// <exception cref="SkillLibraryException">There is none, it is damaged, or it was made with another backbone or other features.</exception>
    public static SkillLibrary Open(string folder, ISampleDescriber describer)
    {
        ArgumentNullException.ThrowIfNull(describer);
        var place = new LibraryFolder(folder);
        var state = place.ReadState();
        Require(folder, "backbone", state.Backbone, describer.Backbone);
        Require(folder, "features", state.Descriptions, describer.Identity);
        return new SkillLibrary(place, state);
    }

    /// <summary>The skill of that name, or null.</summary>
    /// <param name="name">The name.</param>
    public KnownSkill? Find(string name) => _state.Skills.FirstOrDefault(skill => skill.Name == name);

    /// <summary>Whether adding a dataset to a skill would change nothing.</summary>
    /// <param name="name">The skill's name.</param>
    /// <param name="dataset">The dataset's digest.</param>
    public bool Has(string name, string dataset) => Find(name)?.Datasets.Any(each => each.Digest == dataset && each.Frame is not null) is true;

    /// <summary>Adds a dataset to a skill, new or known. A dataset that was described before is not described again.</summary>
    /// <param name="name">The skill's name.</param>
    /// <param name="dataset">The dataset's digest.</param>
    /// <param name="training">Its training samples; some are chosen by the digest.</param>
    /// <param name="heldOut">Its held-out samples; some are chosen by the digest.</param>
    /// <param name="describer">Describes them.</param>
    /// <param name="progress">Told how many descriptions are done, features and gradients alike.</param>
    /// <param name="cancellation">Stops between batches; nothing is added then.</param>
    public KnownSkill Add(
        string name,
        string dataset,
        IReadOnlyList<TokenizedSample> training,
        IReadOnlyList<TokenizedSample> heldOut,
        ISampleDescriber describer,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(describer);
        if (Find(name) is { } known && known.Datasets.FirstOrDefault(each => each.Digest == dataset) is { } added)
        {
            return added.Frame is not null ? known : Replace(name, known with
            {
                Datasets = [.. known.Datasets.Select(each => each == added ? each with { Frame = FrameOf(training, dataset, describer) } : each)],
            });
        }

        var described = _state.Skills.SelectMany(skill => skill.Datasets).FirstOrDefault(each => each.Digest == dataset)
            ?? Describe(dataset, training, heldOut, describer, progress, cancellation);
        var before = Find(name) ?? new KnownSkill(name, [], null, null);
        return Replace(name, before with { Datasets = [.. before.Datasets, described] });
    }

    /// <summary>Notes which expert owns a skill and what it gains.</summary>
    /// <param name="name">The skill.</param>
    /// <param name="expert">The expert's name; null for none any more.</param>
    /// <param name="evidence">Its gains on held-out samples; null where they were not measured.</param>
    public KnownSkill AssignExpert(string name, string? expert, ExpertEvidence? evidence)
    {
        if (evidence is not null && (evidence.Tokens.Count == 0 || evidence.Tokens.Any(tokens => tokens <= 0)
            || evidence.Backbone.Count != evidence.Tokens.Count || evidence.Expert.Count != evidence.Tokens.Count
            || evidence.Backbone.Concat(evidence.Expert).Any(nats => !double.IsFinite(nats))))
        {
            throw new ArgumentException($"The evidence for '{expert}' must hold finite losses of at least one sample with answer tokens.", nameof(evidence));
        }

        return Replace(name, Required(name) with { Expert = expert, Evidence = evidence });
    }

    /// <summary>Forgets a skill and what only it needed.</summary>
    /// <param name="name">The skill.</param>
    public void Remove(string name)
    {
        var gone = Required(name);
        Write(_state with { Skills = [.. _state.Skills.Where(skill => skill.Name != name)] });
        var needed = _state.Skills.SelectMany(skill => skill.Datasets).Select(each => each.Digest).ToHashSet(StringComparer.Ordinal);
        foreach (var dataset in gone.Datasets.Where(each => !needed.Contains(each.Digest)))
        {
            _folder.Delete(dataset.Digest);
        }
    }

    /// <summary>Features of a skill's prompts, as a router is fitted on them.</summary>
    /// <param name="name">The skill.</param>
    /// <param name="part">Which of its samples.</param>
    /// <returns>(N, F) float32 on the CPU; the caller owns it.</returns>
    public Tensor Features(string name, SkillPart part) => Load(Required(name), part, "features");

    /// <summary>
    /// The samples of a skill that everything is fitted on and calibrated by, as places among those that are kept of its datasets, one dataset after the other: different ones,
    /// no more than are kept of one dataset.
    /// </summary>
    /// <param name="name">The skill.</param>
    /// <param name="part">Which of its samples.</param>
    public IReadOnlyList<int> Chosen(string name, SkillPart part)
    {
        if (_chosen.TryGetValue((name, part), out var known))
        {
            return known;
        }

        var datasets = Required(name).Datasets;
        return _chosen[(name, part)] = datasets.Count == 1
            ? [.. Enumerable.Range(0, CountOf(datasets[0], part))]
            : SampleNames.Choose([.. datasets.SelectMany(Names)], part == SkillPart.Training ? Options.TrainingSamples : Options.HeldOutSamples);

        long[] Names(KnownDataset dataset)
        {
            using var file = _folder.Open(dataset.Digest, dataset.FileDigest);
            return SampleNames.Read(file, NameOf(part, "samples"), dataset.Digest, CountOf(dataset, part));
        }
    }

    /// <summary>Features of the anchors: prompts that no expert should take.</summary>
    /// <returns>(A, F) float32 on the CPU; the caller owns it.</returns>
    public Tensor AnchorFeatures() => _folder.ReadAnchors(_state.AnchorDigest);

    /// <summary>Frees what was loaded.</summary>
    public void Dispose()
    {
        foreach (var vectors in _vectors.Values)
        {
            vectors.Dispose();
        }

        _vectors.Clear();
        _projection.Dispose();
    }

    internal SkillVectors VectorsOf(string name)
    {
        if (_vectors.TryGetValue(name, out var known))
        {
            return known;
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var skill = Required(name);
        var vectors = new SkillVectors(
            _projection.Of(Load(skill, SkillPart.Training, "features")).DetachFromDisposeScope(),
            _projection.Of(Load(skill, SkillPart.HeldOut, "features")).DetachFromDisposeScope(),
            Load(skill, SkillPart.Training, "gradients").to_type(ScalarType.Float64).DetachFromDisposeScope(),
            Load(skill, SkillPart.HeldOut, "gradients").to_type(ScalarType.Float64).DetachFromDisposeScope());
        return _vectors[name] = vectors;
    }

    private KnownDataset Describe(
        string dataset,
        IReadOnlyList<TokenizedSample> training,
        IReadOnlyList<TokenizedSample> heldOut,
        ISampleDescriber describer,
        IProgress<int>? progress,
        CancellationToken cancellation)
    {
        Require("the library", "backbone", _state.Backbone, describer.Backbone);
        Require("the library", "features", _state.Descriptions, describer.Identity);
        if (training.Count < LeastSamples || heldOut.Count < LeastSamples)
        {
            throw new ArgumentException(
                $"A skill needs at least {LeastSamples} training and {LeastSamples} held-out samples to be recognised again; found {training.Count} and {heldOut.Count}. Give more data or hold out more of it.", nameof(training));
        }

        var kept = Options.Kept(training, dataset, SkillPart.Training);
        var aside = Options.Kept(heldOut, dataset, SkillPart.HeldOut);
        using var scope = NewDisposeScope();
        var done = 0;
        var parts = new Dictionary<string, Tensor>
        {
            [NameOf(SkillPart.Training, "samples")] = SampleNames.Of(kept),
            [NameOf(SkillPart.HeldOut, "samples")] = SampleNames.Of(aside),
            [NameOf(SkillPart.Training, "features")] = Told(kept, (samples, told) => describer.Features([.. samples.Select(FeatureExtractor.PromptOf)], told, cancellation)),
            [NameOf(SkillPart.HeldOut, "features")] = Told(aside, (samples, told) => describer.Features([.. samples.Select(FeatureExtractor.PromptOf)], told, cancellation)),
            [NameOf(SkillPart.Training, "gradients")] = Told(kept, (samples, told) => describer.Gradients(samples, told, cancellation)),
            [NameOf(SkillPart.HeldOut, "gradients")] = Told(aside, (samples, told) => describer.Gradients(samples, told, cancellation)),
        };
        foreach (var (part, values) in parts)
        {
            if (!values.isfinite().all().item<bool>())
            {
                throw new InvalidOperationException($"The backbone gives numbers that are not finite for {part} of {dataset}; the dataset cannot be described.");
            }
        }

        return new KnownDataset(dataset, kept.Count, aside.Count, _folder.Write(dataset, parts), FrameOf(training, dataset, describer));

        Tensor Told(IReadOnlyList<TokenizedSample> samples, Func<IReadOnlyList<TokenizedSample>, IProgress<int>?, Tensor> describe)
        {
            var result = describe(samples, progress is null ? null : new Offset(progress, done));
            done += samples.Count;
            scope.Attach(result);
            return result;
        }
    }

    private PromptFrame FrameOf(IReadOnlyList<TokenizedSample> training, string dataset, ISampleDescriber describer) =>
        PromptFrame.Of([.. Options.Kept(training, dataset, SkillPart.Training).Select(FeatureExtractor.PromptOf)], describer.Texts);

    private Tensor Load(KnownSkill skill, SkillPart part, string what)
    {
        using var scope = NewDisposeScope();
        var (parts, first) = (new List<Tensor>(), 0);
        foreach (var dataset in skill.Datasets)
        {
            var count = CountOf(dataset, part);
            var rows = Chosen(skill.Name, part).Where(place => place >= first && place < first + count).Select(place => (long)(place - first)).ToArray();
            first += count;
            if (rows.Length > 0)
            {
                using var file = _folder.Open(dataset.Digest, dataset.FileDigest);
                parts.Add(Some(file.Read(NameOf(part, what)), rows));
            }
        }

        return (parts.Count == 1 ? parts[0] : cat(parts, 0)).DetachFromDisposeScope();
    }

    private static Tensor Some(Tensor all, long[] rows)
    {
        if (rows.Length == all.shape[0])
        {
            return all;
        }

        using (all)
        {
            return all.index_select(0, tensor(rows));
        }
    }

    private static int CountOf(KnownDataset dataset, SkillPart part) => part == SkillPart.Training ? dataset.TrainingSamples : dataset.HeldOutSamples;

    private static string NameOf(SkillPart part, string what) => $"{(part == SkillPart.Training ? "training" : "held-out")}.{what}";

    private KnownSkill Replace(string name, KnownSkill skill)
    {
        var isNew = Find(name) is null;
        Write(_state with { Skills = isNew ? [.. _state.Skills, skill] : [.. _state.Skills.Select(each => each.Name == name ? skill : each)] });
        return skill;
    }

    private void Write(LibraryState state)
    {
        _folder.WriteState(state);
        _chosen.Clear();
        foreach (var skill in _state.Skills)
        {
            var after = state.Skills.FirstOrDefault(each => each.Name == skill.Name);
            if (after?.Datasets.Count != skill.Datasets.Count && _vectors.Remove(skill.Name, out var stale))
            {
                stale.Dispose();
            }
        }

        _state = state;
    }

    private KnownSkill Required(string name) => Find(name)
        ?? throw new ArgumentException($"There is no skill '{name}' in the library; it has {string.Join(", ", _state.Skills.Select(skill => skill.Name))}.", nameof(name));

    private static void Require(string folder, string what, string expected, string found)
    {
        if (expected != found)
        {
            throw new SkillLibraryException(
                folder, $"it was made with {what} '{expected}', found '{found}'; its numbers mean nothing there. Use a folder of its own for every backbone and choice of features");
        }
    }

    private sealed class Offset(IProgress<int> inner, int before) : IProgress<int>
    {
        public void Report(int value) => inner.Report(before + value);
    }
}
