namespace DyLoraMoe.Api.Jobs;

/// <summary>
/// What a job is to do: a document in a ConfigMap, written by the operator. It names everything by digest and holds no paths of a
/// container, which come as arguments; so equal requests are the same work, and a job's name is a hash of its request.
/// </summary>
public sealed record JobRequest
{
    /// <summary>The format that this version reads and writes.</summary>
    public const string CurrentVersion = "dylora.dev/job-v1";

    /// <summary>Format of this document.</summary>
    public string ApiVersion { get; init; } = CurrentVersion;

    /// <summary>What to do. The part of the same name below is set, except for kinds that need none.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>The backbone that everything belongs to.</summary>
    public required BackboneInput Backbone { get; init; }

    /// <summary>The policies of the backbone.</summary>
    public PolicyInput Policy { get; init; } = new();

    /// <summary>All skills that have a dataset and an expert, in order of their names, of which a training is told only those that share one of its datasets; the subject of an assessment is not among them.</summary>
    public IReadOnlyList<SkillInput> Skills { get; init; } = [];

    /// <summary>The set that is served now; null before the first, and for work that does not depend on it.</summary>
    public SetRevision? ActiveSet { get; init; }

    /// <summary>Set for <see cref="JobKind.Assess"/>.</summary>
    public AssessInput? Assess { get; init; }

    /// <summary>Set for <see cref="JobKind.Train"/>.</summary>
    public TrainInput? Train { get; init; }

    /// <summary>Set for <see cref="JobKind.Consolidate"/>.</summary>
    public ConsolidateInput? Consolidate { get; init; }

    /// <summary>Set for <see cref="JobKind.Grow"/>. The backbone of the request is the one that grows.</summary>
    public GrowInput? Grow { get; init; }

    /// <summary>Set for <see cref="JobKind.Migrate"/>. The backbone of the request is the one that has grown.</summary>
    public MigrateInput? Migrate { get; init; }

    /// <summary>Set for <see cref="JobKind.Import"/>.</summary>
    public ImportInput? Import { get; init; }

    /// <summary>Set for <see cref="JobKind.FitRouter"/>.</summary>
    public FitRouterInput? FitRouter { get; init; }

    /// <summary>Set for <see cref="JobKind.Check"/>.</summary>
    public CheckInput? Check { get; init; }

    /// <summary>Set for <see cref="JobKind.Collect"/>.</summary>
    public CollectInput? Collect { get; init; }

    /// <summary>Where progress is reported; null for nowhere.</summary>
    public ProgressTarget? Progress { get; init; }
}

/// <summary>A backbone, as a job needs to know it.</summary>
/// <param name="Name">Name of the resource.</param>
/// <param name="Digest">Digest of its weights that must be found; null when it is not known yet.</param>
/// <param name="Dtype"><c>auto</c>, <c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</param>
public sealed record BackboneInput(string Name, string? Digest, string Dtype)
{
    /// <summary>Digest of the artifact that holds it once it has grown; null while it is what the Backbone's own source holds.</summary>
    public string? Artifact { get; init; }
}

/// <summary>The policies that decide. Null leaves a figure to the trainer's own default.</summary>
public sealed record PolicyInput
{
    /// <summary>How often data of a known skill may be taken for new, 0 to 1.</summary>
    public double? FalseAlarmRate { get; init; }

    /// <summary>Fewest samples on which novelty is decided.</summary>
    public int? LeastSamples { get; init; }

    /// <summary>Divides the router's scores.</summary>
    public double? Temperature { get; init; }

    /// <summary>Experts per prompt once all are mature.</summary>
    public int? TopK { get; init; }

    /// <summary>What an older skill may lose, in nats per token.</summary>
    public double? RegressionBudget { get; init; }

    /// <summary>Most tokens of a sample.</summary>
    public int? Context { get; init; }
}

/// <summary>A known skill.</summary>
/// <param name="Name">Name of the resource.</param>
/// <param name="Dataset">Digest of its dataset.</param>
/// <param name="HeldOutPercent">Share of the samples that is measured and never learnt.</param>
/// <param name="Expert">The expert that has it.</param>
/// <param name="Since">When it came, for a night's memories; null where it does not matter.</param>
public sealed record SkillInput(string Name, string Dataset, int HeldOutPercent, string Expert, DateTimeOffset? Since = null);

/// <summary>An expert by its artifact.</summary>
public sealed record ExpertInput
{
    /// <summary>Name of the resource.</summary>
    public required string Name { get; init; }

    /// <summary>Digest of its artifact.</summary>
    public required string Digest { get; init; }

    /// <summary>1 when it was made, one more with every change.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Where it acts: <c>Activated</c> or <c>Full</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Width of its update.</summary>
    public int Rank { get; init; }

    /// <summary>What the operator knows of its maturity; a result names only what differs.</summary>
    public int MaturityPercent { get; init; }
}

/// <summary>Data to be assessed. The samples are in the file or folder that the job's <c>--data</c> names.</summary>
public sealed record AssessInput
{
    /// <summary>The skill.</summary>
    public required string Skill { get; init; }

    /// <summary><c>Auto</c>, <c>JsonLines</c>, <c>Json</c>, <c>Csv</c> or <c>Text</c>.</summary>
    public string Format { get; init; } = "Auto";

    /// <summary>Field of the prompt; null for the trainer's own search.</summary>
    public string? InputField { get; init; }

    /// <summary>Field of the answer; null for the trainer's own search.</summary>
    public string? OutputField { get; init; }

    /// <summary>Share of the samples that is measured and never learnt.</summary>
    public int HeldOutPercent { get; init; } = 20;

    /// <summary>Whether prompt and answer are turns of a chat; null for no.</summary>
    public bool? Chat { get; init; }

    /// <summary>Whether samples that nearly repeat another are left out; null for no.</summary>
    public bool? DropDuplicates { get; init; }

    /// <summary><c>Auto</c> to find out; <c>Novel</c> for a new expert without asking; otherwise <see cref="Expert"/> is extended.</summary>
    public string Novelty { get; init; } = "Auto";

    /// <summary>The expert to extend when that was asked for.</summary>
    public string? Expert { get; init; }

    /// <summary>What the first step of a training would be, for the trial of a head start; null leaves that question out.</summary>
    public RecipeInput? Recipe { get; init; }

    /// <summary>Shape of the expert that would be made.</summary>
    public LoraInput? Lora { get; init; }
}

/// <summary>An expert to be made or taught more.</summary>
public sealed record TrainInput
{
    /// <summary>The expert.</summary>
    public required string Expert { get; init; }

    /// <summary>Its version so far; null for a new expert.</summary>
    public ExpertInput? From { get; init; }

    /// <summary>Number of the version that comes of it; one more than that of <see cref="From"/> when it is left out.</summary>
    public int? Version { get; init; }

    /// <summary>An expert whose weights a new one may start from, if that turns out to be ahead of nothing; null for none.</summary>
    public ExpertInput? StartFrom { get; init; }

    /// <summary>The skills that it is to learn now, with their datasets.</summary>
    public required IReadOnlyList<SkillInput> Learn { get; init; }

    /// <summary>The skills that it has learnt already, which are replayed and measured.</summary>
    public IReadOnlyList<SkillInput> Keep { get; init; } = [];

    /// <summary>Shape of a new expert.</summary>
    public LoraInput Lora { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public RecipeInput Recipe { get; init; } = new();
}

/// <summary>An expert that is to go over what it knows again.</summary>
public sealed record ConsolidateInput
{
    /// <summary>Its version so far.</summary>
    public required ExpertInput From { get; init; }

    /// <summary>The skills that it has learnt.</summary>
    public required IReadOnlyList<SkillInput> Skills { get; init; }

    /// <summary>Number of the run, so that no two nights are the same.</summary>
    public int Run { get; init; } = 1;

    /// <summary>UID of the resource: one of the same name that comes after it is another, and goes on with nothing that this one left. Null outside a cluster.</summary>
    public string? Consolidation { get; init; }

    /// <summary>How it is trained; <see cref="RecipeInput.DriftBudget"/> is how far it may move.</summary>
    public RecipeInput Recipe { get; init; } = new();

    /// <summary>Most tokens that it is trained on, and as many again on episodes; null for what the recipe says.</summary>
    public long? Tokens { get; init; }

    /// <summary>Most seconds that the training takes, and as many again for episodes; null for any.</summary>
    public int? Seconds { get; init; }

    /// <summary>How much less it must lose on its held-out data than before, in nats per token, to count as another version.</summary>
    public double LeastImprovement { get; init; }

    /// <summary>What is made up besides; null for nothing.</summary>
    public DreamInput? Dreams { get; init; }

    /// <summary>What it learns of the memory, whose folder the job's <c>--data</c> names; null for nothing.</summary>
    public EpisodeInput? Episodes { get; init; }
}

/// <summary>Episodes of a memory. Only those that all users share are learnt.</summary>
/// <param name="LeastScore">The least score of one that is learnt.</param>
/// <param name="MaxEpisodes">Most of them; those with the highest scores go first.</param>
public sealed record EpisodeInput(double LeastScore, int MaxEpisodes);

/// <summary>Samples that the model makes up.</summary>
/// <param name="Count">Dreams that are tried.</param>
/// <param name="Candidates">Answers to each.</param>
/// <param name="SharePercent">Most of the tokens that are dreams.</param>
/// <param name="Judge">Another model that judges them; null for none.</param>
public sealed record DreamInput(int Count, int Candidates, int SharePercent, JudgeInput? Judge = null)
{
    /// <summary>What answers of skills are like; those of skills that the expert does not have count for nothing.</summary>
    public IReadOnlyList<RuleInput> Rules { get; init; } = [];
}

/// <summary>What answers of a skill are like.</summary>
/// <param name="Skill">The skill.</param>
/// <param name="Pattern">A regular expression that prompt and answer together match from end to end.</param>
public sealed record RuleInput(string Skill, string Pattern);

/// <summary>A model behind an OpenAI-compatible address.</summary>
/// <param name="Url">What chat/completions is below.</param>
/// <param name="Model">The model's name there.</param>
/// <param name="LeastScore">The least score with which a dream is kept, 0 to 1.</param>
public sealed record JudgeInput(string Url, string Model, double LeastScore)
{
    /// <summary>The variable of a job's environment that has the API key, so that no request holds it.</summary>
    public const string KeyVariable = "DYLORA_JUDGE_API_KEY";
}

/// <summary>Shape of a LoRA expert. Null leaves a figure to the trainer's own default.</summary>
public sealed record LoraInput
{
    /// <summary>Width of the update.</summary>
    public int? Rank { get; init; }

    /// <summary>Most that the rank may grow to.</summary>
    public int? LargestRank { get; init; }

    /// <summary>Numerator of the scale alpha / rank.</summary>
    public int? Alpha { get; init; }

    /// <summary>Names of the linear layers, as in PEFT; empty for all.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } = [];

    /// <summary><c>Auto</c>, <c>Activated</c> or <c>Full</c>.</summary>
    public string Mode { get; init; } = "Auto";
}

/// <summary>How an expert is trained. Null leaves a figure to the trainer's own default.</summary>
public sealed record RecipeInput
{
    /// <summary><c>AdamW</c>, <c>Apollo</c> or <c>ApolloMini</c>.</summary>
    public string? Optimizer { get; init; }

    /// <summary><c>Everywhere</c>, <c>DetachedContext</c> or <c>DetachedContextQueries</c>.</summary>
    public string? Gradient { get; init; }

    /// <summary>Steps in all.</summary>
    public int? Steps { get; init; }

    /// <summary>Samples in a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Learning rate of the first phase.</summary>
    public double? SeedingRate { get; init; }

    /// <summary>Learning rate of the second phase.</summary>
    public double? ConsolidationRate { get; init; }

    /// <summary>Share of an extension's tokens that is replay.</summary>
    public int? ReplayPercent { get; init; }

    /// <summary>Most samples of each skill that are replayed.</summary>
    public int? ReplaySamples { get; init; }

    /// <summary>How far the expert may drift from where the run started, in nats per token.</summary>
    public double? DriftBudget { get; init; }

    /// <summary>How far it may be from the bare backbone on samples of the new skill, in nats per token.</summary>
    public double? TaskDriftBudget { get; init; }

    /// <summary>Most that one step may change what is predicted, in nats per token.</summary>
    public double? StepBudget { get; init; }

    /// <summary>How often a run may go back to its last good weights; null or 0 to end it instead.</summary>
    public int? Rollbacks { get; init; }

    /// <summary>Seed of everything that is random.</summary>
    public int? Seed { get; init; }

    /// <summary>Time between checkpoints.</summary>
    public int? CheckpointSeconds { get; init; }
}

/// <summary>An adapter that was trained elsewhere. It is in the folder that the job's <c>--data</c> names, in PEFT layout.</summary>
/// <param name="Expert">The expert.</param>
/// <param name="Version">Its version once it is taken in.</param>
public sealed record ImportInput(string Expert, int Version)
{
    /// <summary>Skills that it is measured on, if there are any.</summary>
    public IReadOnlyList<SkillInput> Skills { get; init; } = [];
}

/// <summary>The experts that a router is fitted for.</summary>
/// <param name="Experts">In order of their names.</param>
public sealed record FitRouterInput(IReadOnlyList<ExpertInput> Experts);

/// <summary>The set that is compared with the active one.</summary>
/// <param name="Candidate">The candidate.</param>
public sealed record CheckInput(SetRevision Candidate);

/// <summary>The expert whose status shows a job's progress.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Expert">Its name.</param>
public sealed record ProgressTarget(string Namespace, string Expert);
