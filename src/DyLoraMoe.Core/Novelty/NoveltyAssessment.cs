using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Novelty;

/// <summary>What to do with a batch of data.</summary>
public enum NoveltyOutcome
{
    /// <summary>Too few samples to tell.</summary>
    InsufficientData,

    /// <summary>No expert knows this: it needs one of its own.</summary>
    Novel,

    /// <summary>An expert knows the task, but has something to learn from these data.</summary>
    Extends,

    /// <summary>An expert does this as well as its own data.</summary>
    Covered,
}

/// <summary>The answer about a batch, with everything it rests on.</summary>
public sealed record NoveltyAssessment
{
    /// <summary>The outcome.</summary>
    public required NoveltyOutcome Outcome { get; init; }

    /// <summary>Why, in one sentence with figures.</summary>
    public required string Reason { get; init; }

    /// <summary>The expert that covers the data or should be extended by them; null otherwise.</summary>
    public string? Expert { get; init; }

    /// <summary>The skill that the batch is most like, of those that fit one that has an expert; null in an empty library or without enough samples.</summary>
    public string? NearestSkill { get; init; }

    /// <summary>The combined p-value of that skill; null when there is none.</summary>
    public double? PValue { get; init; }

    /// <summary>Share of known batches that may be taken for something else.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>Zero where the batch is a known skill, growing with what no expert can explain. For ranking; decides nothing.</summary>
    public double NoveltyScore { get; init; }

    /// <summary>Samples in the batch.</summary>
    public required int Samples { get; init; }

    /// <summary>Every skill that was looked at, the most likely first, with every signal's figures.</summary>
    public IReadOnlyList<SkillMatch> Skills { get; init; } = [];

    /// <summary>The skills that the batch was put into the words of, because it is like none in its own; the most likely first.</summary>
    public IReadOnlyList<SkillMatch> Reworded { get; init; } = [];

    /// <summary>What each expert that was asked recovers, best first; inconclusive ones last.</summary>
    public IReadOnlyList<ExpertRecovery> Experts { get; init; } = [];

    /// <summary>The figures that <see cref="PValue"/> is from; null when there are none.</summary>
    [JsonIgnore]
    public SkillMatch? Nearest => Reworded.Concat(Skills).FirstOrDefault(match => match.Skill == NearestSkill && match.PValue == PValue);
}

/// <summary>How much a batch is like one skill.</summary>
/// <param name="Skill">The skill.</param>
/// <param name="Expert">The expert that owns it, if any.</param>
/// <param name="Distance">Whitened distance of the batch's mean to the skill's.</param>
/// <param name="PValue">All signals together: the smallest p-value times their number (Bonferroni), since signals depend on each other.</param>
/// <param name="Signals">Each signal.</param>
public sealed record SkillMatch(string Skill, string? Expert, double Distance, double PValue, IReadOnlyList<SignalFigure> Signals)
{
    /// <summary>The same from the signals that look at prompts alone.</summary>
    public double PromptPValue { get; init; }

    /// <summary>What the skill's expert recovers in these words; null where it was not asked.</summary>
    public ExpertRecovery? Recovery { get; init; }
}

/// <summary>One signal's figures for one skill.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="Score">Its score; larger is less like the skill.</param>
/// <param name="PValue">Share of batches of the skill that score as high.</param>
/// <param name="Deviations">How many standard deviations the score lies above what batches of the skill score.</param>
public sealed record SignalFigure(string Signal, double Score, double PValue, double Deviations);

/// <summary>How much of the gain on data of its own an expert has on the batch.</summary>
/// <param name="Expert">The expert.</param>
/// <param name="Loss">Its loss on the batch, nats per token.</param>
/// <param name="BackboneLoss">The backbone's, nats per token.</param>
/// <param name="UnigramLoss">That of the frequencies of its tokens, nats per token.</param>
/// <param name="OwnLoss">Its loss on its own held-out data, nats per token.</param>
/// <param name="Share"><c>(backbone − expert) / (backbone − expert on its own data)</c>; null when inconclusive, because the expert hardly gains anything on its own data or the backbone is as good already.</param>
public sealed record ExpertRecovery(string Expert, double Loss, double BackboneLoss, double UnigramLoss, double OwnLoss, double? Share)
{
    /// <summary>
    /// <c>(unigram − expert) / (unigram − expert on its own data)</c>: how much it knows of the batch beyond which tokens occur; null when
    /// <see cref="Share"/> is, or when the frequencies do as well as the expert on its own data.
    /// </summary>
    public double? ShareBeyondUnigram { get; init; }

    /// <summary>
    /// Whether what it recovers says nothing: the prompts are those of known skills, and this is none of their experts or gives other answers when asked
    /// in words that it knows.
    /// </summary>
    public bool IsContradicted { get; init; }
}
