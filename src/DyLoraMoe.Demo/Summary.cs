using System.Globalization;
using DyLoraMoe.Demo.Output;

namespace DyLoraMoe.Demo;

/// <summary>The table at the end.</summary>
internal static class Summary
{
    /// <summary>The lines of the table.</summary>
    /// <param name="reports">What became of the lessons.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<LessonReport> reports) => Table.Format(
        ["SKILL", "DECISION", "EXPERT", "VERSION", "STAGE", "GAIN", "BACKBONE", "ROUTED", "AT THE END", "SECONDS"],
        [.. reports.Select(report => (string[])[
            report.Lesson.Title,
            report.Decision ?? "",
            report.Expert ?? "",
            Text(report.Version),
            report.Stage ?? "",
            report.GainPercent is { } gain ? $"{Text(gain)}%" : "",
            Percent(report.Score.Bare),
            Percent(report.Score.Routed),
            Percent(report.ScoreAtTheEnd?.Routed),
            Text((int)report.Duration.TotalSeconds),
        ])]);

    private static string Percent(double? mark) => mark is { } some ? string.Create(CultureInfo.InvariantCulture, $"{100 * some:0}%") : "";

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
