using System.Globalization;

namespace DyLoraMoe.Kubectl.Output;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    private const int BarWidth = 10;

    /// <summary>A bar and the figure, such as <c>████░░░░░░ 40 %</c>.</summary>
    public static string Bar(int percent)
    {
        var full = Math.Clamp(percent, 0, 100) * BarWidth / 100;
        return string.Create(CultureInfo.InvariantCulture, $"{new string('█', full)}{new string('░', BarWidth - full)} {percent} %");
    }

    /// <summary>A duration in its largest unit, as kubectl shows ages.</summary>
    public static string Age(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalSeconds: < 120 } => Text($"{(int)time.TotalSeconds}s"),
        { TotalMinutes: < 120 } => Text($"{(int)time.TotalMinutes}m"),
        { TotalHours: < 48 } => Text($"{(int)time.TotalHours}h"),
        _ => Text($"{(int)time.TotalDays}d"),
    };

    /// <summary>The time since then; nothing when it is not known.</summary>
    public static string Age(DateTime? since, DateTimeOffset now) => since is { } time ? Age(now - new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))) : "";

    /// <summary>Minutes and seconds, such as 1:05.</summary>
    public static string Clock(long seconds) => Text($"{seconds / 60}:{seconds % 60:00}");

    /// <summary>A whole number with its thousands apart.</summary>
    public static string Whole(long number) => Text($"{number:N0}");

    /// <summary>The first digits of a digest.</summary>
    public static string Short(string? digest) => digest is null ? "" : digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..] is { Length: > 10 } digits ? digits[..10] : digest;

    /// <summary>A count with its word, such as "1 expert" or "2 experts".</summary>
    public static string Count(int count, string word) => Text($"{count:N0} {word}{(count == 1 ? "" : "s")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
