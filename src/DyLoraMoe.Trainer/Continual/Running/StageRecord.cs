using DyLoraMoe.Trainer.Continual.Scoring;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>What one arm was after one stage of one run; one file.</summary>
internal sealed record StageRecord
{
    /// <summary>The stream.</summary>
    public required string Stream { get; init; }

    /// <summary>The paired run.</summary>
    public required int Run { get; init; }

    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>0 for before anything.</summary>
    public required int Stage { get; init; }

    /// <summary>The visit's name; null for stage 0.</summary>
    public string? Visit { get; init; }

    /// <summary>The visit's true skill; null for stage 0.</summary>
    public string? Skill { get; init; }

    /// <summary>What the visit was; null for stage 0.</summary>
    public VisitKind? Kind { get; init; }

    /// <summary>The arm's tuned rate.</summary>
    public required double Rate { get; init; }

    /// <summary>Tokens trained on in this stage.</summary>
    public required long Tokens { get; init; }

    /// <summary>Seconds of learning.</summary>
    public required double LearnSeconds { get; init; }

    /// <summary>Values kept beside the backbone.</summary>
    public required long AddedParameters { get; init; }

    /// <summary>Experts.</summary>
    public required int Experts { get; init; }

    /// <summary>Score of every true skill.</summary>
    public required IReadOnlyDictionary<string, SkillScore> Scores { get; init; }

    /// <summary>For arms that route: share of each known skill's prompts to route whose expert was made for that skill.</summary>
    public IReadOnlyDictionary<string, double>? Routing { get; init; }

    /// <summary>What the arm says about the visit.</summary>
    public string? Note { get; init; }
}

/// <summary>How one arm judged one batch after the last stage of one run.</summary>
/// <param name="Kind">What the batch was.</param>
/// <param name="Source">Where it was from.</param>
/// <param name="Score">Higher is newer.</param>
/// <param name="IsNovel">Whether the arm took it for new.</param>
internal sealed record NoveltyRecord(NoveltyKind Kind, string Source, double Score, bool IsNovel);

/// <summary>A complete run of one arm; one file, written last.</summary>
internal sealed record ArmRunRecord
{
    /// <summary>The stream.</summary>
    public required string Stream { get; init; }

    /// <summary>The paired run.</summary>
    public required int Run { get; init; }

    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>The true skills, the columns of the score matrix.</summary>
    public required IReadOnlyList<string> Skills { get; init; }

    /// <summary>For every skill, the stage that first taught it.</summary>
    public required IReadOnlyList<int> IntroducedAt { get; init; }

    /// <summary>Whether the score is the share of exact answers, or else negative nats per answer token.</summary>
    public required bool IsExactMatch { get; init; }

    /// <summary>Every stage, 0 first. Arms that learn at the end have the last one only, after stage 0.</summary>
    public required IReadOnlyList<StageRecord> Stages { get; init; }

    /// <summary>Prompts of every skill that its routing was tested on; null where it is those of the skill's test, or for arms that do not route.</summary>
    public int? RoutedPrompts { get; init; }

    /// <summary>How it judged the batches for novelty; null for arms that do not.</summary>
    public IReadOnlyList<NoveltyRecord>? Novelty { get; init; }
}
