using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Everything that a job works with: what it was asked, the store, its own folder, and the backbone with its policies once it opens it.</summary>
internal sealed class JobContext
{
    /// <summary>The command line.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>What is to be done.</summary>
    public required JobRequest Request { get; init; }

    /// <summary>Datasets, experts, routers and backbones that have grown.</summary>
    public required ArtifactStore Store { get; init; }

    /// <summary>What was computed from them.</summary>
    public required DerivedStore Derived { get; init; }

    /// <summary>The folder of the Backbone's own source, copied here when it is first asked for.</summary>
    public required Lazy<string> Source { get; init; }

    /// <summary>The job's own folder.</summary>
    public required IJobFolder Job { get; init; }

    /// <summary>The job's finished phases; its folder is for checkpoints.</summary>
    public required RunJournal Journal { get; init; }

    /// <summary>A folder for what may go when the job ends.</summary>
    public required string Work { get; init; }

    /// <summary>Where to compute, by name.</summary>
    public required string Device { get; init; }

    /// <summary>Told what happens, for the log.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>Told how training gets on.</summary>
    public IReadOnlyList<IProgress<TrainingProgress>> Progress { get; init; } = [];

    /// <summary>Reads a variable of the environment.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Asks to stop at a checkpoint.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The backbone, its digest known and checked.</summary>
    public BackboneIdentity Backbone => _backbone.Value;

    private readonly Lazy<BackboneIdentity> _backbone;

    /// <summary>A context.</summary>
    public JobContext() => _backbone = new Lazy<BackboneIdentity>(() => Identify(isTrusted: true));

    /// <summary>The same job on another backbone.</summary>
    /// <param name="backbone">The backbone.</param>
    public JobContext On(BackboneInput backbone) => new()
    {
        Arguments = Arguments,
        Request = Request with { Backbone = backbone },
        Store = Store,
        Derived = Derived,
        Source = Source,
        Job = Job,
        Journal = Journal,
        Work = Work,
        Device = Device,
        Say = Say,
        Progress = Progress,
        Variable = Variable,
        Stop = Stop,
    };

    /// <summary>What is derived with the backbone: gone with it, once it has grown, and with each artifact that it is made from.</summary>
    /// <param name="key">One line that names everything it depends on.</param>
    /// <param name="needs">Digests of what it is made from, besides the backbone.</param>
    public DerivedFrom DerivedFrom(string key, params IEnumerable<string> needs) => new(key, Backbone.Digest, Request.Backbone.Artifact is { } artifact ? [.. needs, artifact] : [.. needs]);

    /// <summary>Reads the backbone's digest.</summary>
    /// <param name="isTrusted">Whether files that look as they did when they were read need not be read again.</param>
    /// <exception cref="InvalidInputException">It is not the backbone that the request names.</exception>
    public BackboneIdentity Identify(bool isTrusted)
    {
        var (backbone, artifact) = (Request.Backbone, Request.Backbone.Artifact);
        var folder = artifact is null ? Source.Value : Store.Open(ArtifactKind.Backbone, artifact);
        var memory = Path.Combine(Store.Root, "backbones", (artifact is null ? Path.GetFileName(backbone.Name) : ArtifactDigest.Hex(artifact)) + ".seen");
        Directory.CreateDirectory(Path.GetDirectoryName(memory)!);
        if (!isTrusted)
        {
            File.Delete(memory);
        }

        try
        {
            ModelFolder.Check(folder);
        }
        catch (ModelFormatException error)
        {
            throw new InvalidInputException(Reasons.InvalidInput, error.Message, error);
        }

        var identity = BackboneIdentity.Of(folder, memory);
        return backbone.Digest is { } expected && expected != identity.Digest
            ? throw new InvalidInputException(
                Reasons.DigestMismatch, $"The weights of Backbone {backbone.Name} have the digest {identity.Digest}, expected {expected}. Experts fit the backbone they were trained on and no other.")
            : identity;
    }

    /// <summary>Loads the backbone, with the skills and experts that the job is about.</summary>
    /// <param name="skills">The skills.</param>
    /// <param name="experts">The experts, by name.</param>
    /// <param name="active">The set that is served; null for none.</param>
    public WorkspaceSession Open(IReadOnlyList<SkillInput> skills, IReadOnlyDictionary<string, ExpertCardOf> experts, SetRevision? active)
    {
        var config = ModelConfigFile.Read(Backbone.Path);
        var compute = ComputePlace.Of(Device, Request.Backbone.Dtype, config);
        Say($"computing on {compute.Device} in {compute.DataType}");
        var policy = JobPolicy.Of(Request, compute, config);
        var state = new WorkspaceState { Backbone = Backbone, Data = policy.Data };
        foreach (var (name, expert) in experts)
        {
            state.Experts[name] = EntryOf(expert, policy.Maturity);
        }

        foreach (var skill in skills)
        {
            var card = experts.GetValueOrDefault(skill.Expert)?.Card;
            state.Skills[skill.Name] = new SkillEntry
            {
                Status = SkillStatus.Ready,
                Reason = "",
                Datasets = [skill.Dataset],
                Expert = card is null ? null : skill.Expert,
                Evidence = card?.Skills.GetValueOrDefault(skill.Name) is { } known && known.Dataset == skill.Dataset ? known.Evidence : null,
            };
        }

        var workspace = Workspace.OverStore(Work, Store, state, HeldOutPercents(skills));
        workspace.Serve(active is { Router: not null } ? workspace.Place(DocumentOf(active), OptionsOf(active)) : null);
        return WorkspaceSession.Open(workspace, compute, policy, ownsLibrary: false);
    }

    /// <summary>Data of skills as they are split and read everywhere.</summary>
    /// <param name="skills">The skills.</param>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <param name="policy">How data are read; the held-out share is each skill's own.</param>
    public IReadOnlyList<SkillData> DataOf(IReadOnlyList<SkillInput> skills, TextTokenizer tokenizer, DataPolicy policy)
    {
        var percents = HeldOutPercents(skills);
        return [.. percents.Keys.Order(StringComparer.Ordinal).Select(dataset => SkillData.Load(Store, [dataset], tokenizer, policy with { HeldOutPercent = percents[dataset] }))];
    }

    /// <summary>Lets the checkpoints of training go: the result is in the journal, and nothing goes on from them.</summary>
    public void DropTraining()
    {
        TrainingFiles.Remove(Journal.Folder);
        Job.Save();
    }

    /// <summary>How a job's training is watched and saved.</summary>
    public RunSettings Settings(RecipeInput? recipe, string name) => Settings(recipe?.CheckpointSeconds, name);

    /// <summary>How a job's training is watched and saved.</summary>
    public RunSettings Settings(int? checkpointSeconds, string name) => new()
    {
        CheckpointFolder = Path.Combine(Journal.Folder, name),
        CheckpointEvery = checkpointSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : new RunSettings().CheckpointEvery,
        Progress = Progress,
    };

    /// <summary>Cards of a set's experts, by name.</summary>
    public IReadOnlyDictionary<string, ExpertCardOf> CardsOf(SetRevision? set) => set is null
        ? new Dictionary<string, ExpertCardOf>()
        : set.Experts.ToDictionary(member => member.Name, member => new ExpertCardOf(member.Digest, ExpertCard.Open(Store, member.Digest)), StringComparer.Ordinal);

    /// <summary>A set as a workspace knows it.</summary>
    public static SetDocument DocumentOf(SetRevision set) => new(
        set.Backbone.Digest ?? "",
        [.. set.Experts.Select(member => new SetExpert(member.Name, member.Digest, Enum.Parse<AdapterMode>(member.Mode), member.Rank, member.Maturity))],
        set.Router ?? throw new InvalidInputException(Reasons.InvalidInput, "The request has a set with experts and without a router."));

    /// <summary>What a set's router is to do differently; null for what it was fitted with.</summary>
    public static RouterOptions? OptionsOf(SetRevision set)
    {
        var defaults = new RouterOptions();
        return set.Temperature is null && set.TopK is null ? null : new RouterOptions { Temperature = set.Temperature ?? defaults.Temperature, TopK = set.TopK ?? defaults.TopK };
    }

    // Where one dataset is held out to two shares the smaller is in the larger: what is in it, no expert has learnt.
    private Dictionary<string, int> HeldOutPercents(IReadOnlyList<SkillInput> skills) => skills
        .Concat(Request.Skills)
        .Concat(Request.Train?.Learn ?? [])
        .Concat(Request.Train?.Keep ?? [])
        .Concat(Request.Consolidate?.Skills ?? [])
        .Concat(Request.Import?.Skills ?? [])
        .Concat(Request.Migrate?.Skills ?? [])
        .GroupBy(skill => skill.Dataset, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Min(skill => skill.HeldOutPercent), StringComparer.Ordinal);

    private static ExpertEntry EntryOf(ExpertCardOf expert, MaturityPolicy maturity) => new()
    {
        Digest = expert.Digest,
        Version = expert.Card.Version,
        Mode = expert.Card.Mode,
        Rank = expert.Card.Rank,
        OwnLoss = expert.Card.ExpertLoss ?? 0,
        Tokens = expert.Card.Tokens,
        Maturity = new KnownMaturity(null, expert.Card.Evidence).Update(maturity, routedShare: null),
    };
}

/// <summary>An expert's card and the digest it belongs to.</summary>
/// <param name="Digest">The expert's digest.</param>
/// <param name="Card">The card.</param>
internal sealed record ExpertCardOf(string Digest, ExpertCard Card);
