using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>Why a lesson is given.</summary>
internal enum LessonKind
{
    /// <summary>Something that the backbone never saw: to become an expert.</summary>
    New,

    /// <summary>A skill that is known, in other words: no expert may come of it.</summary>
    Paraphrase,

    /// <summary>More samples of a skill that is known: its expert learns on.</summary>
    MoreData,
}

/// <summary>A Skill that is applied, or applied again.</summary>
internal sealed record Lesson
{
    /// <summary>Name of the Skill.</summary>
    public required string Skill { get; init; }

    /// <summary>Why it is given.</summary>
    public required LessonKind Kind { get; init; }

    /// <summary>What it is about, in a sentence.</summary>
    public required string Story { get; init; }

    /// <summary>All samples that the Skill has from now on.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>Samples that it never has, to ask for.</summary>
    public required IReadOnlyList<Sample> Questions { get; init; }

    /// <summary>Its name in tables.</summary>
    public string Title => Kind == LessonKind.MoreData ? $"{Skill}, more" : Skill;
}
