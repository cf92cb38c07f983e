using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>What a visit is, seen from outside; no arm but the oracle may know.</summary>
internal enum VisitKind
{
    /// <summary>A skill for the first time.</summary>
    New,

    /// <summary>A known skill under its own name, with new samples.</summary>
    Returning,

    /// <summary>A known skill under another name, with new samples.</summary>
    Duplicate,

    /// <summary>A known skill under another name, asked for in other words.</summary>
    Paraphrase,
}

/// <summary>One stage of a stream: data that arrive under a name.</summary>
internal sealed record SkillVisit
{
    /// <summary>Place in the stream: 1, 2, ...</summary>
    public required int Stage { get; init; }

    /// <summary>The true skill. For the oracle and for scoring only: a method that reads it cheats.</summary>
    public required string TrueSkill { get; init; }

    /// <summary>The name that the data come under.</summary>
    public required string Name { get; init; }

    /// <summary>What the visit is. For reports only.</summary>
    public required VisitKind Kind { get; init; }

    /// <summary>Samples to learn from.</summary>
    public required IReadOnlyList<Sample> Train { get; init; }

    /// <summary>Samples to choose by, such as when to stop or whether an expert beats another.</summary>
    public required IReadOnlyList<Sample> HeldOut { get; init; }

    /// <summary><see cref="Train"/> as the backbone sees it.</summary>
    public required IReadOnlyList<TokenizedSample> TrainTokens { get; init; }

    /// <summary><see cref="HeldOut"/> as the backbone sees it.</summary>
    public required IReadOnlyList<TokenizedSample> HeldOutTokens { get; init; }

    /// <summary>Most tokens that an arm may train on in this visit, prompts and replay included.</summary>
    public required long TokenBudget { get; init; }
}

/// <summary>The test of one true skill, which no arm sees in training.</summary>
internal sealed record SkillTest
{
    /// <summary>The true skill.</summary>
    public required string Skill { get; init; }

    /// <summary>The samples.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>The samples as the backbone sees them.</summary>
    public required IReadOnlyList<TokenizedSample> Tokens { get; init; }

    /// <summary>Samples whose prompts are routed: those that are scored, and others that no visit teaches.</summary>
    public required IReadOnlyList<TokenizedSample> Routed { get; init; }

    /// <summary>Whether a generated text answers a sample; null where there is nothing but the loss.</summary>
    public Func<Sample, string, bool>? IsCorrect { get; init; }

    /// <summary>Whether answers are generated only before the first and after the last visit, because they are long.</summary>
    public bool GeneratesAtEnds { get; init; }

    /// <summary>Names the content, so that a score is looked up and not computed again.</summary>
    public required string Digest { get; init; }
}

/// <summary>Skills in the order in which one run meets them, and the test of each.</summary>
internal sealed record SkillStream
{
    /// <summary><c>synthetic</c> or <c>real</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which of the paired runs; 0 is the one that rates are tuned on.</summary>
    public required int Run { get; init; }

    /// <summary>Whether the score is the share of exact answers, or else negative nats per answer token.</summary>
    public required bool IsExactMatch { get; init; }

    /// <summary>The visits.</summary>
    public required IReadOnlyList<SkillVisit> Visits { get; init; }

    /// <summary>One test per true skill, in the order of first visits.</summary>
    public required IReadOnlyList<SkillTest> Tests { get; init; }

    /// <summary>Batches to judge after the last visit; none of their samples was learnt from or is tested.</summary>
    public required IReadOnlyList<NoveltyBatch> NoveltyBatches { get; init; }

    /// <summary>For every test, the stage that first taught its skill.</summary>
    public IReadOnlyList<int> IntroducedAt => [.. Tests.Select(test => Visits.First(visit => visit.TrueSkill == test.Skill).Stage)];
}

/// <summary>What a batch of data for novelty detection is.</summary>
internal enum NoveltyKind
{
    /// <summary>Another format and another rule: novel.</summary>
    Far,

    /// <summary>The format of a known skill, another rule: novel.</summary>
    Near,

    /// <summary>A known rule, asked for in other words: not novel.</summary>
    Paraphrase,

    /// <summary>Fresh samples of a known skill: not novel.</summary>
    Returning,
}

/// <summary>A batch of data to judge after the last visit.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Where it is from.</param>
/// <param name="Samples">The samples.</param>
/// <param name="Tokens">The samples as the backbone sees them.</param>
internal sealed record NoveltyBatch(NoveltyKind Kind, string Source, IReadOnlyList<Sample> Samples, IReadOnlyList<TokenizedSample> Tokens)
{
    /// <summary>Samples of a batch: what the detector asks for at least.</summary>
    public const int Size = 64;
}
