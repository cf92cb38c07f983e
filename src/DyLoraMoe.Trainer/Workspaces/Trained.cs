using System.Text.Json.Serialization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What training came to.</summary>
internal sealed record Trained
{
    /// <summary>The expert.</summary>
    public required string Expert { get; init; }

    /// <summary>Its artifact.</summary>
    public required string Digest { get; init; }

    /// <summary>Its version.</summary>
    public int Version { get; init; }

    /// <summary>Whether an existing expert was good enough.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>Where it acts.</summary>
    public AdapterMode Mode { get; init; }

    /// <summary>Width of its update.</summary>
    public int Rank { get; init; }

    /// <summary>Why it has its mode.</summary>
    public string ModeReason { get; init; } = "";

    /// <summary>Why it has its rank.</summary>
    public string RankReason { get; init; } = "";

    /// <summary>Held-out loss after the trial of Full; null without one.</summary>
    public double? FullTrialLoss { get; init; }

    /// <summary>Held-out loss after the trial of Activated; null without one.</summary>
    public double? ActivatedTrialLoss { get; init; }

    /// <summary>The expert whose weights a new one started from; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StartedFrom { get; init; }

    /// <summary>What a probe from the nearest expert came to; null without one.</summary>
    public HeadStart? HeadStart { get; init; }

    /// <summary>Held-out losses while it trained.</summary>
    public IReadOnlyList<LossPoint> Curve { get; init; } = [];

    /// <summary>Tokens trained on in all.</summary>
    public long Tokens { get; init; }

    /// <summary>How many of the samples that were new to it the training showed it.</summary>
    public long Shown { get; init; }

    /// <summary>Different samples that it has seen by now, those of its versions before included.</summary>
    public long SamplesSeen { get; init; }

    /// <summary>The expert alone against the bare backbone on every skill that it would serve.</summary>
    public SortedDictionary<string, ExpertEvidence> Evidence { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The bare backbone on all of them, nats per token.</summary>
    [JsonIgnore]
    public double BackboneLoss => Evidence.Values.Sum(skill => skill.Backbone.Sum()) / Evidence.Values.Sum(skill => skill.Tokens.Sum());

    /// <summary>The expert alone on all of them, nats per token.</summary>
    [JsonIgnore]
    public double OwnLoss => Evidence.Values.Sum(skill => skill.Expert.Sum()) / Evidence.Values.Sum(skill => skill.Tokens.Sum());

    /// <summary>Who has the skill once this is admitted.</summary>
    /// <param name="skill">The skill that was learnt.</param>
    public IReadOnlyDictionary<string, string> Takes(string skill) => new Dictionary<string, string> { [skill] = Expert };

    /// <summary>An expert that covers the data as it is.</summary>
    public static Trained Unchanged(ExpertEntry entry, string expert) => new()
    {
        Expert = expert,
        Digest = entry.Digest,
        Version = entry.Version,
        IsUnchanged = true,
        Mode = entry.Mode,
        Rank = entry.Rank,
        ModeReason = entry.ModeReason,
        RankReason = entry.RankReason,
        FullTrialLoss = entry.FullTrialLoss,
        ActivatedTrialLoss = entry.ActivatedTrialLoss,
    };
}
