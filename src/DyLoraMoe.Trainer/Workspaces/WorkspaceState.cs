using System.Text.Json.Serialization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// Everything that a workspace knows, in one file that is replaced whole: what is not in it has not happened. It holds no times and no
/// paths but the backbone's, so that two workspaces that learnt the same are the same.
/// </summary>
internal sealed record WorkspaceState
{
    /// <summary>The format that this program reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of this record.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The backbone that every expert belongs to.</summary>
    public required BackboneIdentity Backbone { get; init; }

    /// <summary>How its data are read.</summary>
    public required DataPolicy Data { get; init; }

    /// <summary>How often the state has changed.</summary>
    public int Generation { get; init; }

    /// <summary>Skills by name.</summary>
    public SortedDictionary<string, SkillEntry> Skills { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Experts by name, archived ones included.</summary>
    public SortedDictionary<string, ExpertEntry> Experts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Digest of the active set; null while there is none.</summary>
    public string? ActiveSet { get; init; }

    /// <summary>Experts of the set to which no skill is left once skills go to others, and why each goes to the archive then.</summary>
    /// <param name="moved">The next expert of every skill that changes hands, by the skill's name.</param>
    public IReadOnlyDictionary<string, string> LeftBy(IReadOnlyDictionary<string, string> moved) => Skills
        .Where(pair => pair.Value.Expert is { } expert && !Experts[expert].IsArchived)
        .GroupBy(pair => pair.Value.Expert!, pair => pair.Key, StringComparer.Ordinal)
        .Where(skills => skills.All(moved.ContainsKey) && !moved.Values.Contains(skills.Key, StringComparer.Ordinal))
        .ToDictionary(skills => skills.Key, skills => $"no skill is left to it: {string.Join(", ", skills.Select(skill => $"'{skill}' went to expert '{moved[skill]}'"))}", StringComparer.Ordinal);

    /// <summary>All experts, with those in the archive to which no skill is left.</summary>
    /// <param name="left">Why each of them goes there, by name.</param>
    public SortedDictionary<string, ExpertEntry> ExpertsWithout(IReadOnlyDictionary<string, string> left)
    {
        var experts = new SortedDictionary<string, ExpertEntry>(Experts, StringComparer.Ordinal);
        foreach (var (name, reason) in left)
        {
            experts[name] = experts[name] with { IsArchived = true, ArchivedBecause = reason };
        }

        return experts;
    }
}

/// <summary>What became of a skill.</summary>
internal enum SkillStatus
{
    /// <summary>An expert serves it.</summary>
    Ready,

    /// <summary>Learning it would have made a skill worse, an older one or itself, so nothing was admitted.</summary>
    Refused,
}

/// <summary>A skill.</summary>
internal sealed record SkillEntry
{
    /// <summary>What became of it.</summary>
    public required SkillStatus Status { get; init; }

    /// <summary>Why, with figures.</summary>
    public required string Reason { get; init; }

    /// <summary>Digests of its data, in the order they came.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Digests of data that were refused and not learnt since.</summary>
    public IReadOnlyList<string> RefusedDatasets { get; init; } = [];

    /// <summary>Why, by digest; also of data that were to be taught again. None in the files of versions that said it in <see cref="Reason"/> alone.</summary>
    public SortedDictionary<string, string> RefusedBecause { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What was tried in vain, by data, request, policy and active set: only the very same is not tried again.</summary>
    public IReadOnlyList<string> RefusedAttempts { get; init; } = [];

    /// <summary>Samples in them.</summary>
    public int Samples { get; init; }

    /// <summary>The expert that serves it; null while none does.</summary>
    public string? Expert { get; init; }

    /// <summary>The last decision about its data.</summary>
    public NoveltyAssessment? Assessment { get; init; }

    /// <summary>What a probe from the nearest expert came to; null without one.</summary>
    public HeadStart? HeadStart { get; init; }

    /// <summary>Its expert alone against the bare backbone on its held-out samples.</summary>
    public ExpertEvidence? Evidence { get; init; }

    /// <summary>Held-out loss of the bare backbone, nats per token.</summary>
    public double? BackboneLoss { get; init; }

    /// <summary>Held-out loss as it is served: by the set, with its router.</summary>
    public double? ServedLoss { get; init; }

    /// <summary>The least <see cref="ServedLoss"/> since its data are what they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BestLoss { get; init; }

    /// <summary>Share of its held-out prompts that the router gives to its expert.</summary>
    public double? RoutedShare { get; init; }

    /// <summary>Why data were refused.</summary>
    /// <param name="dataset">Their digest.</param>
    public string WhyRefused(string dataset) => RefusedBecause.GetValueOrDefault(dataset) ?? Reason;

    /// <summary>What was refused of it since it was last admitted, each reason once; data that it has among it, where it was to learn them again.</summary>
    public IReadOnlyList<string> Refusals() => [.. RefusedDatasets.Union(RefusedBecause.Keys, StringComparer.Ordinal).Select(WhyRefused).Distinct(StringComparer.Ordinal)];

    /// <summary>The loss that it is held to, in nats per token; null while it was not served.</summary>
    /// <param name="budget">What is allowed.</param>
    public double? Held(RegressionBudget budget) => ServedLoss is { } served ? budget.Binding(BestLoss, served) : null;
}

/// <summary>An expert.</summary>
internal sealed record ExpertEntry
{
    /// <summary>Digest of its artifact.</summary>
    public required string Digest { get; init; }

    /// <summary>1 when it was made, one more with every change.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Where it acts.</summary>
    public AdapterMode Mode { get; init; }

    /// <summary>Why it has this mode.</summary>
    public string ModeReason { get; init; } = "";

    /// <summary>Why it has this rank.</summary>
    public string RankReason { get; init; } = "";

    /// <summary>Held-out loss of a Full expert after the trial of both modes; null without one.</summary>
    public double? FullTrialLoss { get; init; }

    /// <summary>Held-out loss of an Activated expert after the trial of both modes; null without one.</summary>
    public double? ActivatedTrialLoss { get; init; }

    /// <summary>The expert whose weights it started from; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StartedFrom { get; init; }

    /// <summary>The request that it came of, where a skill was to be taught again: the very same changes nothing, as after a kill. Null otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Lesson { get; init; }

    /// <summary>Width of its update.</summary>
    public int Rank { get; init; }

    /// <summary>How mature it is, from evidence.</summary>
    public required MaturityState Maturity { get; init; }

    /// <summary>Held-out loss of the expert alone on all its skills, nats per token.</summary>
    public double OwnLoss { get; init; }

    /// <summary>Tokens that it was trained on, trials included.</summary>
    public long Tokens { get; init; }

    /// <summary>Whether it was taken out of the set; its weights stay.</summary>
    public bool IsArchived { get; init; }

    /// <summary>Why it was archived.</summary>
    public string? ArchivedBecause { get; init; }

    /// <summary>The merge that archived it; null for none.</summary>
    public MergeRecord? Merged { get; init; }
}

/// <summary>What a merge changed besides the expert that went, so that it can be undone.</summary>
/// <param name="Into">The expert that took the skills.</param>
/// <param name="Digest">Its artifact since then, which the merge made.</param>
/// <param name="Before">What it was before.</param>
/// <param name="Skills">The skills that it took.</param>
internal sealed record MergeRecord(string Into, string Digest, ExpertEntry Before, IReadOnlyList<string> Skills);
