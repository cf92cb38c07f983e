using System.Text;

namespace DyLoraMoe.Api.Jobs;

/// <summary>
/// How a job ended: the container's termination message, which is the authority. At most <see cref="LongestText"/> bytes of JSON, so it holds digests
/// and figures and never lists that grow without bound.
/// </summary>
public sealed record JobResult
{
    /// <summary>The format that this version reads and writes.</summary>
    public const string CurrentVersion = "dylora.dev/result-v1";

    /// <summary>Most bytes of a termination message.</summary>
    public const int LongestText = 4096;

    /// <summary>Format of this document.</summary>
    public string ApiVersion { get; init; } = CurrentVersion;

    /// <summary>What was done.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>Whether it was done.</summary>
    public required JobOutcome Outcome { get; init; }

    /// <summary>One word in PascalCase for a condition: why it failed, or what came out.</summary>
    public string Reason { get; init; } = "";

    /// <summary>One sentence for a person.</summary>
    public string Message { get; init; } = "";

    /// <summary>Seconds that the work took, all tries of this pod.</summary>
    public long Seconds { get; init; }

    /// <summary>Of <see cref="JobKind.Prepare"/>.</summary>
    public PrepareResult? Prepare { get; init; }

    /// <summary>Of <see cref="JobKind.Assess"/>.</summary>
    public AssessResult? Assess { get; init; }

    /// <summary>Of <see cref="JobKind.Train"/>, <see cref="JobKind.Migrate"/> and <see cref="JobKind.Import"/>, and of <see cref="JobKind.Consolidate"/> when there is a new version.</summary>
    public TrainResult? Train { get; init; }

    /// <summary>Of <see cref="JobKind.Consolidate"/>.</summary>
    public ConsolidateResult? Consolidate { get; init; }

    /// <summary>Of <see cref="JobKind.Grow"/>; also when a gate refused it.</summary>
    public GrowResult? Grow { get; init; }

    /// <summary>Of <see cref="JobKind.FitRouter"/>.</summary>
    public FitRouterResult? FitRouter { get; init; }

    /// <summary>Of <see cref="JobKind.Check"/>.</summary>
    public CheckResult? Check { get; init; }

    /// <summary>Of <see cref="JobKind.Collect"/>.</summary>
    public CollectResult? Collect { get; init; }

    /// <summary>The document as a termination message.</summary>
    /// <exception cref="InvalidOperationException">It is longer than a termination message may be.</exception>
    public string ToTerminationMessage()
    {
        var text = ContractJson.Write(this);
        var size = Encoding.UTF8.GetByteCount(text);
        return size <= LongestText
            ? text
            : throw new InvalidOperationException($"A result may have {LongestText} bytes, this one has {size}; shorten its message or its lists.");
    }
}

/// <summary>Whether a job did its work.</summary>
public enum JobOutcome
{
    /// <summary>It did.</summary>
    Succeeded,

    /// <summary>It could not; another try may.</summary>
    Failed,

    /// <summary>It could not, and would not with the same input.</summary>
    InvalidInput,

    /// <summary>It was told to stop, and left a checkpoint.</summary>
    Interrupted,
}

/// <summary>What a backbone is.</summary>
/// <param name="Digest">Digest of its files.</param>
/// <param name="Architecture">As in <c>config.json</c>, such as <c>LlamaForCausalLM</c>.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="ContextLength">Most tokens of a sequence.</param>
public sealed record PrepareResult(string Digest, string Architecture, long Parameters, int ContextLength);

/// <summary>What data are.</summary>
public sealed record AssessResult
{
    /// <summary>Digest of the published dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Different samples in it.</summary>
    public int Samples { get; init; }

    /// <summary>How many of them are held out.</summary>
    public int HeldOut { get; init; }

    /// <summary>The share in percent that was to be held out.</summary>
    public int? HeldOutPercent { get; init; }

    /// <summary>Most tokens of a sample by which they were read.</summary>
    public int? Context { get; init; }

    /// <summary>Fewest samples on which it was to be decided.</summary>
    public int? LeastSamples { get; init; }

    /// <summary>Tokens in all of them.</summary>
    public long Tokens { get; init; }

    /// <summary>Samples that were left out since they nearly repeat another; null when that was not asked for.</summary>
    public int? Dropped { get; init; }

    /// <summary>Samples whose prompt lost its beginning, for the context is too short; null for none.</summary>
    public int? PromptsCut { get; init; }

    /// <summary>Samples whose answer lost its end, for the context is too short; null for none.</summary>
    public int? AnswersCut { get; init; }

    /// <summary>How diverse the samples are that will be learnt from; null when there are too few.</summary>
    public DiversityResult? Diversity { get; init; }

    /// <summary><c>Novel</c>, <c>Extends</c>, <c>Covered</c> or <c>InsufficientData</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>The expert that covers the data or is to be extended.</summary>
    public string? Expert { get; init; }

    /// <summary>The expert whose skill is nearest.</summary>
    public string? NearestExpert { get; init; }

    /// <summary>The skill that is nearest.</summary>
    public string? NearestSkill { get; init; }

    /// <summary>All signals together: the p-value of the data belonging to the nearest skill.</summary>
    public double? PValue { get; init; }

    /// <summary>Each signal's p-value by the signal's name.</summary>
    public SortedDictionary<string, double> Signals { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Head start of the nearest expert over learning from nothing, in percent of what there is to learn; null when it was not tried.</summary>
    public int? HeadStartPercent { get; init; }

    /// <summary>The expert whose weights a new one had better start from, by the same few steps; null for nothing.</summary>
    public string? StartFrom { get; init; }
}

/// <summary>How diverse samples are.</summary>
/// <param name="NearDuplicates">Share of them that nearly repeat another, 0 to 1.</param>
/// <param name="DistinctTriples">Different triples of tokens as a share of all.</param>
/// <param name="Coverage">How many different prompts they effectively are to the backbone.</param>
/// <param name="Warnings">What is low, with what to do.</param>
public sealed record DiversityResult(double NearDuplicates, double DistinctTriples, double Coverage, IReadOnlyList<string> Warnings);

/// <summary>What training came to.</summary>
public sealed record TrainResult
{
    /// <summary>Digest of the published expert.</summary>
    public required string Expert { get; init; }

    /// <summary>Its version.</summary>
    public int Version { get; init; }

    /// <summary>Bytes of its weights.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Where it acts: <c>Activated</c> or <c>Full</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Width of its update.</summary>
    public int Rank { get; init; }

    /// <summary>Why it has this mode and rank.</summary>
    public string ShapeReason { get; init; } = "";

    /// <summary>The expert whose weights the first version started from; null for nothing.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>Held-out loss of the bare backbone, nats per token; null without held-out data.</summary>
    public double? BackboneLoss { get; init; }

    /// <summary>Held-out loss of the expert, nats per token; null without held-out data.</summary>
    public double? ExpertLoss { get; init; }

    /// <summary>Held-out samples that were measured.</summary>
    public int HeldOut { get; init; }

    /// <summary>Different samples that were learnt from.</summary>
    public int Samples { get; init; }

    /// <summary>Tokens trained on, trials included.</summary>
    public long Tokens { get; init; }

    /// <summary>Seconds of training on a GPU; 0 on a CPU.</summary>
    public long GpuSeconds { get; init; }
}

/// <summary>What going over it again came to.</summary>
public sealed record ConsolidateResult
{
    /// <summary>Held-out loss before, nats per token; null without held-out data.</summary>
    public double? LossBefore { get; init; }

    /// <summary>Held-out loss after, nats per token; null without held-out data. As before when there is no new version.</summary>
    public double? LossAfter { get; init; }

    /// <summary>Dreams that were tried.</summary>
    public int Dreamt { get; init; }

    /// <summary>Dreams that were kept and learnt from.</summary>
    public int Dreams { get; init; }

    /// <summary>Episodes of the memory that were to be learnt.</summary>
    public int Episodes { get; init; }

    /// <summary>Those of them that are known without their context now.</summary>
    public int Recalled { get; init; }

    /// <summary>Seconds of training on a GPU; 0 on a CPU.</summary>
    public long GpuSeconds { get; init; }
}

/// <summary>What growth came to.</summary>
public sealed record GrowResult
{
    /// <summary>Whether it passed its gates.</summary>
    public required bool IsAccepted { get; init; }

    /// <summary>Digest of the grown weights; null when a gate refused them.</summary>
    public string? Digest { get; init; }

    /// <summary>Digest of the artifact that holds them; null when a gate refused them.</summary>
    public string? Artifact { get; init; }

    /// <summary>Bytes of the artifact.</summary>
    public long SizeBytes { get; init; }

    /// <summary>What was done, one sentence an operator.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Weights before.</summary>
    public long ParametersBefore { get; init; }

    /// <summary>Weights after.</summary>
    public long ParametersAfter { get; init; }

    /// <summary>Largest difference of logits at the moment of growth, as a share of the largest logit, or of one where that is larger.</summary>
    public double FunctionError { get; init; }

    /// <summary>Nats per token by which the grown backbone diverges from the one before on held-out text, as it is published; null when a gate before that refused it.</summary>
    public double? Divergence { get; init; }

    /// <summary>The same before it relearned, noise included; null when a gate before that refused it.</summary>
    public double? DivergenceBefore { get; init; }

    /// <summary>Where the held-out text is from: <c>Skills</c>, or <c>Samples</c> of the backbone's own where there are none.</summary>
    public string Judge { get; init; } = "Samples";

    /// <summary>Tokens that it relearned on; 0 where what it relearned was not kept.</summary>
    public long Tokens { get; init; }

    /// <summary>Seconds of that on a GPU; 0 on a CPU.</summary>
    public long GpuSeconds { get; init; }

    /// <summary>What each axis promised, by its name, where the choice was left to that: the squared norm of the loss's gradient in its new writers, for their number.</summary>
    public SortedDictionary<string, double> Pressures { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>A fitted router.</summary>
public sealed record FitRouterResult
{
    /// <summary>Digest of the published router.</summary>
    public required string Router { get; init; }

    /// <summary><c>Dense</c>, <c>Blended</c> or <c>Sparse</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Share of held-out prompts that reach their expert.</summary>
    public int AccuracyPercent { get; init; }

    /// <summary>Whether it is the router of the backbone that this one grew from, as it was.</summary>
    public bool IsCarried { get; init; }

    /// <summary>Experts whose maturity differs from what the request said, by name. What does not fit is left for the next fit.</summary>
    public SortedDictionary<string, ExpertMaturity> Experts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Whether some experts were left out of <see cref="Experts"/> for want of room.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>How mature an expert is.</summary>
/// <param name="Percent">0 to 100.</param>
/// <param name="IsMature">With hysteresis.</param>
/// <param name="Degree">What the router blends by, 0 to 1.</param>
/// <param name="HeldBackBy">The component that holds it back: <c>gain</c>, <c>flatness</c>, <c>routing</c> or <c>samples</c>; null when mature.</param>
public sealed record ExpertMaturity(int Percent, bool IsMature, double Degree, string? HeldBackBy);

/// <summary>What the comparison of a candidate with the active set came to.</summary>
public sealed record CheckResult
{
    /// <summary>Whether no skill got worse than the budget allows, older ones and those that the candidate brings.</summary>
    public required bool IsAccepted { get; init; }

    /// <summary>Skills that were compared.</summary>
    public int Skills { get; init; }

    /// <summary>The skills that lost most, the worst first; at most five.</summary>
    public IReadOnlyList<SkillDelta> Worst { get; init; } = [];
}

/// <summary>One skill before and after, in nats per token on its held-out data.</summary>
/// <param name="Skill">The skill.</param>
/// <param name="Active">As the active set serves it, or as it was served at its best.</param>
/// <param name="Candidate">As the candidate would.</param>
/// <param name="Budget">How much more is allowed.</param>
public sealed record SkillDelta(string Skill, double Active, double Candidate, double Budget)
{
    /// <summary>Whether the candidate brings it: then nothing in the active set was made for it. Null for no.</summary>
    public bool? IsNew { get; init; }

    /// <summary>Whether <see cref="Active"/> is how it was served at its best, rather than how it is served now. Null for no.</summary>
    public bool? IsBest { get; init; }
}

/// <summary>What was removed.</summary>
/// <param name="Removed">Artifacts and checkpoint folders.</param>
/// <param name="FreedBytes">Their size.</param>
public sealed record CollectResult(int Removed, long FreedBytes)
{
    /// <summary>Artifacts among <see cref="CollectInput.Released"/> that nothing refers to and that stayed, since a job that had not told its result may name them.</summary>
    public int Left { get; init; }
}
