using System.Globalization;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Demo.Lessons;

namespace DyLoraMoe.Demo;

/// <summary>Whether a demonstration showed what it is to show.</summary>
internal static class Verdict
{
    private static readonly (string What, Func<LessonReport, bool> IsBroken)[] _answers =
    [
        ("its answers are no better than the bare backbone's", report => report.Score.Routed <= report.Score.Bare),
        ("its answers are no better than the bare backbone's at the end", report => report.ScoreAtTheEnd is { } score && score.Routed <= score.Bare),
    ];

    private static readonly (string What, Func<LessonReport, bool> IsBroken)[] _rules =
    [
        ("the Skill is not Ready at the end", report => report is { IsReady: false, IsDeleted: false }),
        ("a task that is new got no expert of its own", report => report.Lesson.Kind == LessonKind.New && report is not { Decision: NoveltyDecisions.Novel, NewExperts: 1 }),
        ("a paraphrase was not recognised", report => report.Lesson.Kind == LessonKind.Paraphrase && report.Decision is not (NoveltyDecisions.Covered or NoveltyDecisions.Extends)),
        ("a paraphrase made an expert", report => report.Lesson.Kind == LessonKind.Paraphrase && report.NewExperts > 0),
        ("more data made no new version", report => report.Lesson.Kind == LessonKind.MoreData && report is not { Version: >= 2, NewExperts: 0 }),
        ("the expert loses no less than the bare backbone", report => report is { Lesson.Kind: not LessonKind.Paraphrase, GainPercent: not > 0 }),
    ];

    /// <summary>What is not as it should be, a sentence each; none when all is.</summary>
    /// <param name="reports">What became of the lessons.</param>
    /// <param name="answersDecide">Whether answers must be better than the bare backbone's.</param>
    public static IReadOnlyList<string> Faults(IEnumerable<LessonReport> reports, bool answersDecide = true) =>
    [
        .. from report in reports
           from rule in answersDecide ? _rules.Concat(_answers) : _rules
           where rule.IsBroken(report)
           select string.Create(CultureInfo.InvariantCulture, $"{report.Lesson.Title}: {rule.What}"),
    ];
}
