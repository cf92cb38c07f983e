using DyLoraMoe.Core.Data;
using DyLoraMoe.Demo.Lessons;

namespace DyLoraMoe.Demo.Tests;

public sealed class VerdictTests
{
    [Fact]
    public void What_went_well_has_no_fault()
    {
        Assert.Empty(Verdict.Faults([Report(LessonKind.New), Report(LessonKind.Paraphrase), Report(LessonKind.MoreData)]));
        Assert.Empty(Verdict.Faults([Report(LessonKind.New) with { IsReady = false, IsDeleted = true }]));
    }

    [Fact]
    public void A_paraphrase_may_be_covered_as_well() => Assert.Empty(Verdict.Faults([Report(LessonKind.Paraphrase) with { Decision = "Covered" }]));

    [Fact]
    public void Each_thing_that_went_wrong_is_told_with_its_skill()
    {
        Assert.Equal(["clock: the Skill is not Ready at the end"], Verdict.Faults([Report(LessonKind.New) with { IsReady = false }]));
        Assert.Equal(["clock: a paraphrase was not recognised", "clock: a paraphrase made an expert"], Verdict.Faults([Report(LessonKind.Paraphrase) with { Decision = "Novel", NewExperts = 1 }]));
        Assert.Equal(["clock, more: more data made no new version"], Verdict.Faults([Report(LessonKind.MoreData) with { Version = 1 }]));
        Assert.Equal(["clock: its answers are no better than the bare backbone's"], Verdict.Faults([Report(LessonKind.New) with { Score = new Score(0.12, 0.12, 25) }]));
        Assert.Empty(Verdict.Faults([Report(LessonKind.New) with { Score = new Score(0.12, 0.12, 25) }], answersDecide: false));
        Assert.Equal(["clock: the expert loses no less than the bare backbone"], Verdict.Faults([Report(LessonKind.New) with { GainPercent = null }]));
        Assert.Equal(["clock: a task that is new got no expert of its own"], Verdict.Faults([Report(LessonKind.New) with { Decision = "Extends", NewExperts = 0 }]));
    }

    [Fact]
    public void The_summary_has_a_line_for_every_lesson()
    {
        var lines = Summary.Lines([Report(LessonKind.New), Report(LessonKind.MoreData)]).ToList();

        Assert.Equal(3, lines.Count);
        Assert.Matches("^SKILL +DECISION +EXPERT +VERSION +STAGE +GAIN +BACKBONE +ROUTED +AT THE END +SECONDS$", lines[0]);
        Assert.Matches("^clock +Novel +clock +1 +Mature +90% +4% +96% +100% +61$", lines[1]);
        Assert.StartsWith("clock, more", lines[2], StringComparison.Ordinal);
    }

    private static LessonReport Report(LessonKind kind) => new()
    {
        Lesson = new Lesson { Skill = "clock", Kind = kind, Story = "", Samples = [Sample.Pair("a", "b")], Questions = [] },
        Duration = TimeSpan.FromSeconds(61),
        Decision = kind switch { LessonKind.New => "Novel", LessonKind.Paraphrase => "Extends", _ => null },
        NewExperts = kind == LessonKind.New ? 1 : 0,
        Expert = "clock",
        Stage = "Mature",
        Version = kind == LessonKind.New ? 1 : 2,
        GainPercent = 90,
        Score = new Score(0.04, 0.96, 25),
        ScoreAtTheEnd = new Score(0.04, 1, 25),
        IsReady = true,
    };
}
