using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>A workspace with its backbone in memory, ready to assess, learn and route.</summary>
internal sealed class WorkspaceSession : IDisposable
{
    // Prompts of the anchor set are about as long as short questions; longer ones cost more and say little more.
    private const int LongestAnchor = 64;

    private readonly Dictionary<(string Set, string Skill), SkillResult> _results = [];
    private readonly Dictionary<string, SkillData> _data = new(StringComparer.Ordinal);
    private readonly List<ActiveSet> _sets = [];
    private readonly Lazy<SkillLibrary> _library;
    private (string Set, CrossFittedEntropies Of)? _entropies;

    private WorkspaceSession(Workspace workspace, CausalLanguageModel model, TextTokenizer tokenizer, LearningPolicy policy, CancellationToken stop)
    {
        Workspace = workspace;
        Model = model;
        Tokenizer = tokenizer;
        Policy = policy;
        Descriptions = BackboneDescriptions.Of(workspace.State.Backbone.Path);
        Describer = new SampleDescriber(model, workspace.State.Backbone.Digest, Descriptions.Features, Descriptions.Gradients, tokenizer);
        Evaluator = new LanguageModelEvaluator(model, new EvaluationOptions { WindowLength = policy.Data.Context });
        _library = new Lazy<SkillLibrary>(() => OpenLibrary(stop));
        Identity = new RouterIdentity(Descriptions.Features.Digest, workspace.State.Backbone.Digest);
    }

    /// <summary>The workspace.</summary>
    public Workspace Workspace { get; }

    /// <summary>The backbone.</summary>
    public CausalLanguageModel Model { get; }

    /// <summary>The backbone's tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>What decides.</summary>
    public LearningPolicy Policy { get; }

    /// <summary>How the backbone is looked at.</summary>
    public BackboneDescriptions Descriptions { get; }

    /// <summary>Describes prompts and answers.</summary>
    public SampleDescriber Describer { get; }

    /// <summary>Measures held-out losses.</summary>
    public LanguageModelEvaluator Evaluator { get; }

    /// <summary>What is known of every skill.</summary>
    public SkillLibrary Library => _library.Value;

    /// <summary>What routers here belong to.</summary>
    public RouterIdentity Identity { get; }

    /// <summary>The active set; null while there is none.</summary>
    public ActiveSet? Active => Workspace.State.ActiveSet is { } digest ? Load(digest) : null;

    /// <summary>Loads the backbone.</summary>
    /// <param name="workspace">The workspace; stays the caller's.</param>
    /// <param name="compute">Device and type.</param>
    /// <param name="policy">What decides.</param>
    /// <param name="ownsLibrary">Whether the library is brought to what the state says; otherwise the caller puts one into its folder before it is first used.</param>
    /// <param name="stop">Stops the making of a library that is not there yet.</param>
    public static WorkspaceSession Open(Workspace workspace, ComputePlace compute, LearningPolicy policy, bool ownsLibrary = true, CancellationToken stop = default)
    {
        policy = policy.Reading(workspace.State.Data);
        var folder = workspace.State.Backbone.Path;
        var tokenizer = TextTokenizer.Load(folder);
        var model = ModelFolder.Load(folder, compute.DataType, compute.Device);
        try
        {
            var session = new WorkspaceSession(workspace, model, tokenizer, policy, stop);
            if (ownsLibrary)
            {
                session.SyncLibrary();
            }

            return session;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Datasets as the backbone sees them, read once.</summary>
    /// <param name="digests">The datasets, taken as one.</param>
    public SkillData Data(IReadOnlyList<string> digests)
    {
        var key = string.Join('+', digests);
        if (!_data.TryGetValue(key, out var data))
        {
            var policy = digests.Count == 1 && Workspace.HeldOutPercents.TryGetValue(digests[0], out var percent) ? Policy.Data with { HeldOutPercent = percent } : Policy.Data;
            _data[key] = data = SkillData.Load(Workspace.Store, digests, Tokenizer, policy);
        }

        return data;
    }

    /// <summary>The training samples behind the features that the library has of a skill, in their order; none where it does not know the skill.</summary>
    /// <param name="skill">The skill's name.</param>
    public IReadOnlyList<TokenizedSample> Described(string skill)
    {
        if (Library.Find(skill) is not { } known)
        {
            return [];
        }

        List<TokenizedSample> kept = [.. known.Datasets.SelectMany(dataset => Library.Options.Kept(Data([dataset.Digest]).TrainTokens, dataset.Digest, SkillPart.Training))];
        return [.. Library.Chosen(skill, SkillPart.Training).Select(place => kept[place])];
    }

    /// <summary>The router of the active set alone; null while there is none, or when it was fitted on another backbone or other features.</summary>
    /// <returns>The router; the caller's.</returns>
    public DynamicHybridRouter? ActiveRouter()
    {
        try
        {
            return Workspace.State.ActiveSet is { } set ? DynamicHybridRouter.Load(Workspace.Store.Open(ArtifactKind.Router, Workspace.SetOf(set).Document.Router), Identity) : null;
        }
        catch (RouterMismatchException)
        {
            return null;
        }
    }

    /// <summary>How undecided the active set's router is about prompts, by gates that are fitted for it when this is first asked.</summary>
    /// <param name="cancellation">Stops the fits.</param>
    /// <returns>The session's own; null while there is no active set.</returns>
    public IRouterEntropies? RouterEntropies(CancellationToken cancellation)
    {
        if (Active is not { } active)
        {
            return null;
        }

        if (_entropies?.Set == active.Digest)
        {
            return _entropies.Value.Of;
        }

        using var scope = NewDisposeScope();
        var experts = active.Router.Experts.Select(expert => expert.Name).ToList();
        using var unfitted = StartingRouter.Unfitted(this, active.Router.Options, experts);
        List<SkillFeatures> skills = [new("(backbone)", 0, Library.AnchorFeatures())];
        foreach (var skill in Library.Skills.Where(skill => skill.Expert is { } owner && experts.Contains(owner)))
        {
            skills.Add(new SkillFeatures(skill.Name, 1 + experts.IndexOf(skill.Expert!), Library.Features(skill.Name, SkillPart.Training)));
        }

        var fitted = CrossFittedEntropies.Fit(unfitted, skills, Policy.RouterTraining, cancellation);
        _entropies?.Of.Dispose();
        _entropies = (active.Digest, fitted);
        return fitted;
    }

    /// <summary>Loads an expert.</summary>
    /// <param name="entry">Its entry in the state.</param>
    public LoraAdapter Load(ExpertEntry entry) => PeftFolder.Load(Workspace.Store.Open(ArtifactKind.Expert, entry.Digest), Model);

    /// <summary>Where an expert acts in samples.</summary>
    /// <param name="entry">Its entry in the state.</param>
    public Invocation InvocationOf(ExpertEntry entry) => new(PeftConfigFile.Read(Workspace.Store.Open(ArtifactKind.Expert, entry.Digest)));

    /// <summary>Publishes an expert.</summary>
    /// <returns>Its digest.</returns>
    public string Publish(LoraAdapter adapter) =>
        Workspace.Store.Publish(ArtifactKind.Expert, folder => PeftFolder.Save(folder, adapter, Path.GetFileName(Workspace.State.Backbone.Path)));

    /// <summary>Watches what an expert knows while it learns more, where a loss of it can be undone.</summary>
    /// <param name="known">The skills' names and data.</param>
    public IReadOnlyList<Canary> Canaries(IEnumerable<(string Skill, SkillData Data)> known) =>
        [.. known.Where(skill => Policy.Experts.Training.Rollback is not null && skill.Data.HeldOutTokens.Count > 0).Select(skill => new Canary(skill.Skill, skill.Data.ChosenBy, Policy.Regression))];

    /// <summary>What an expert alone gains over the bare backbone on skills' held-out data.</summary>
    /// <param name="adapter">The expert.</param>
    /// <param name="skills">Names and data.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public SortedDictionary<string, ExpertEvidence> Evidence(LoraAdapter adapter, IEnumerable<(string Skill, SkillData Data)> skills, CancellationToken cancellation)
    {
        var invocation = new Invocation(adapter.Config);
        var evidence = new SortedDictionary<string, ExpertEvidence>(StringComparer.Ordinal);
        foreach (var (skill, data) in skills)
        {
            var own = Evaluator.Evaluate(EvaluationSet.OfSamples(invocation.Of(data.HeldOutTokens)), adapter, cancellation).Samples;
            evidence[skill] = ExpertEvidence.Of(Measure(null, skill, data, cancellation).Losses, own);
        }

        return evidence;
    }

    /// <summary>Held-out results of a skill as a set serves it, or as the bare backbone does; measured once.</summary>
    /// <param name="set">The set's digest; null for the bare backbone.</param>
    /// <param name="skill">The skill's name.</param>
    /// <param name="data">Its data.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public SkillResult Measure(string? set, string skill, SkillData data, CancellationToken cancellation)
    {
        var key = (set ?? "", data.Digest);
        if (_results.TryGetValue(key, out var known))
        {
            return known with { Skill = skill };
        }

        if (set is null)
        {
            return _results[key] = new SkillResult(skill, Evaluator.Evaluate(EvaluationSet.OfSamples(data.HeldOutTokens), cancellation: cancellation).Samples);
        }

        using var features = Describer.Features([.. data.HeldOutTokens.Select(FeatureExtractor.PromptOf)], cancellation: cancellation);
        return _results[key] = new SkillResult(skill, Load(set).Evaluate(Evaluator, data.HeldOutTokens, features, cancellation).Samples);
    }

    /// <summary>Lets go of a set that is about to be removed.</summary>
    /// <param name="set">Its digest.</param>
    public void Forget(string set)
    {
        foreach (var gone in _sets.Where(each => each.Digest == set).ToList())
        {
            _sets.Remove(gone);
            gone.Dispose();
        }
    }

    /// <summary>
    /// Brings the library to what the state says: the state is the truth, and a kill may have come between its commit and the library.
    /// </summary>
    public void SyncLibrary()
    {
        var ready = Workspace.State.Skills.Where(pair => pair.Value.Status == SkillStatus.Ready).ToDictionary();
        foreach (var gone in Library.Skills.Where(skill => !ready.TryGetValue(skill.Name, out var entry) || skill.Datasets.Any(dataset => !entry.Datasets.Contains(dataset.Digest))).ToList())
        {
            Library.Remove(gone.Name);
        }

        foreach (var (name, entry) in ready)
        {
            // Reading data takes longer than most of what a session is opened for.
            foreach (var dataset in entry.Datasets.Where(dataset => !Library.Has(name, dataset)))
            {
                var data = Data([dataset]);
                Library.Add(name, dataset, data.TrainTokens, data.HeldOutTokens, Describer);
            }

            var expert = entry.Expert is { } owner && !Workspace.State.Experts[owner].IsArchived ? owner : null;
            var known = Library.Find(name)!;
            if (known.Expert != expert || !IsSame(known.Evidence, entry.Evidence))
            {
                Library.AssignExpert(name, expert, entry.Evidence);
            }
        }
    }

    /// <summary>Prompts that the backbone makes up itself, which stand for what belongs to no skill.</summary>
    /// <param name="stop">Stops between two tokens.</param>
    public IReadOnlyList<int[]> DrawAnchors(CancellationToken stop) => SelfSamples.Draw(Model, Policy.Anchors, LongestAnchor, Policy.Seed, stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sets.ForEach(set => set.Dispose());
        if (_library.IsValueCreated)
        {
            Library.Dispose();
        }

        _entropies?.Of.Dispose();
        Describer.Dispose();
        Model.Dispose();
    }

    /// <summary>A set in memory; the active one and a candidate are all that is ever compared.</summary>
    /// <param name="digest">Its digest.</param>
    /// <returns>The set; the session's own.</returns>
    public ActiveSet Load(string digest)
    {
        if (_sets.FirstOrDefault(set => set.Digest == digest) is { } loaded)
        {
            return loaded;
        }

        if (_sets.Count == 2)
        {
            var gone = _sets.First(set => set.Digest != Workspace.State.ActiveSet);
            _sets.Remove(gone);
            gone.Dispose();
        }

        var set = ActiveSet.Load(Workspace.Store, digest, Workspace.SetOf(digest), Model, Identity);
        _sets.Add(set);
        return set;
    }

    private static bool IsSame(ExpertEvidence? a, ExpertEvidence? b) =>
        a is null || b is null ? a is null && b is null : a.Expert.SequenceEqual(b.Expert) && a.Backbone.SequenceEqual(b.Backbone) && a.Tokens.SequenceEqual(b.Tokens);

    private SkillLibrary OpenLibrary(CancellationToken stop)
    {
        if (!SkillLibrary.Exists(Workspace.LibraryFolder))
        {
            return SkillLibrary.Create(Workspace.LibraryFolder, Describer, DrawAnchors(stop));
        }

        return SkillLibrary.Open(Workspace.LibraryFolder, Describer);
    }
}
