using DyLoraMoe.Demo.Lessons;

namespace DyLoraMoe.Demo;

/// <summary>What became of a lesson.</summary>
internal sealed record LessonReport
{
    /// <summary>The lesson.</summary>
    public required Lesson Lesson { get; init; }

    /// <summary>From applying it until every pod served it.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What was decided on the data.</summary>
    public string? Decision { get; init; }

    /// <summary>Experts that came to be meanwhile.</summary>
    public int NewExperts { get; init; }

    /// <summary>The expert that has the skill.</summary>
    public string? Expert { get; init; }

    /// <summary>Where that expert is in its life.</summary>
    public string? Stage { get; init; }

    /// <summary>Version of its weights.</summary>
    public int? Version { get; init; }

    /// <summary>How much less it loses than the bare backbone, in percent.</summary>
    public int? GainPercent { get; init; }

    /// <summary>Marks as soon as it was served.</summary>
    public required Score Score { get; init; }

    /// <summary>Marks after everything else was learnt; null when it was deleted.</summary>
    public Score? ScoreAtTheEnd { get; init; }

    /// <summary>Whether the Skill was Ready at the end.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether the Skill was deleted, as was meant.</summary>
    public bool IsDeleted { get; init; }
}
